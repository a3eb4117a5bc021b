const isTerminal = process.stderr.isTTY;

/** Shows how far a tool is, on standard error: in a terminal on one line, otherwise a line each time. */
export function showProgress(text: string): void {
  process.stderr.write(isTerminal ? `\r${text}\x1b[K` : `${text}\n`);
}

/** Removes the last line of {@link showProgress} from a terminal. */
export function endProgress(): void {
  if (isTerminal) process.stderr.write("\r\x1b[K");
}
