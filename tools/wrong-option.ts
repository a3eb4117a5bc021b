/** Prints what is wrong with the options of an npm script, and exits with 2. */
export function rejectOptions(script: string, error: unknown): never {
  console.error(`${error instanceof Error ? error.message : error}\nTry npm run ${script} -- --help.`);
  process.exit(2);
}
