import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A directory cannot be created. The message is for the user. */
export class DirectoryError extends Error {}

/**
 * Creates a directory that only this user may read, with its parents. Node's own `recursive` does not return for a directory
 * below /proc. Throws a {@link DirectoryError}.
 */
export function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const directory of missing) {
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another process may have created it meanwhile.
      if (code !== "EEXIST")
        throw new DirectoryError(`The directory ${path} cannot be created (${code}). Choose another one.`);
    }
  }
  if (!statSync(path).isDirectory()) throw new DirectoryError(`${path} is a file. Choose a directory.`);
}
