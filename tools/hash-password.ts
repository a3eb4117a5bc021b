import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { hashPassword } from "../core/access/password.ts";

/** Hashes a password from standard input, not from the command line, which the shell would store. */
const password = process.stdin.isTTY
  ? await askSilently()
  : (await text(process.stdin)).replace(/\r?\n$/, "");
if (password === "") {
  console.error('No password. Type one, or pipe it: printf %s "$PASSWORD" | npm run --silent hash-password');
  process.exitCode = 1;
} else {
  console.log(await hashPassword(password));
}

async function askSilently(): Promise<string> {
  process.stderr.write("Password (not shown): ");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const answer = await lines.question("");
  lines.close();
  process.stderr.write("\n");
  return answer;
}
