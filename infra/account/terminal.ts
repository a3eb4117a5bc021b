import { createInterface } from "node:readline/promises";
import { UserError } from "./user-error.ts";

export const INTERRUPTED = 130;

/**
 * Prompts for yes or no.
 *
 * @param flag The flag to suggest without a terminal.
 * @throws {UserError} without a terminal.
 */
export async function confirm(question: string, flag: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UserError(`There is no terminal for confirmation. ${flag}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.once("SIGINT", () => process.exit(INTERRUPTED));
  const answer = await terminal.question(`${question} (yes/no) `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
