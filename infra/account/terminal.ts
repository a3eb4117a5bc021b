import { createInterface } from "node:readline/promises";
import { UserError } from "./user-error.ts";

export const INTERRUPTED = 130;

/**
 * Asks a question that is answered by yes or no.
 *
 * @param flag What to give instead, where there is no terminal.
 * @throws {UserError} where there is no terminal.
 */
export async function confirm(question: string, flag: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UserError(`There is no terminal to ask at. ${flag}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.once("SIGINT", () => process.exit(INTERRUPTED));
  const answer = await terminal.question(`${question} (yes/no) `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
