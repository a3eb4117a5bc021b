import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Another process uses the directory. The message is for the user. */
export class LockError extends Error {}

/**
 * Locks a directory for this process, or throws a {@link LockError} that names the process that holds the lock. The
 * lock of a process that was killed is removed. Returns a function that unlocks the directory.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, "lock");
  const own = `${path}.${process.pid}`;
  const name = describeProcess(process.pid) ?? "";
  writeFileSync(own, name, { mode: 0o600 });
  try {
    // Linking is atomic: the file appears complete, or not at all when there is one already.
    while (!tryLink(own, path)) removeStale(directory, path);
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (readLock(path) === name) rmSync(path, { force: true });
  };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of a process that has ended; throws when the process is running. */
function removeStale(directory: string, path: string): void {
  const holder = readLock(path);
  if (holder === undefined) return;
  const [pid = ""] = holder.split(" ");
  if (describeProcess(Number(pid)) === holder) {
    throw new LockError(`Process ${pid} has ${directory} in use. End it, or choose another directory.`);
  }
  const taken = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, taken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // Another process may have locked the directory meanwhile: its lock is restored.
  if (readLock(taken) !== holder) tryLink(taken, path);
  rmSync(taken, { force: true });
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * A running process: its number, and on Linux its start time, since numbers are reused. Undefined when there is none.
 */
function describeProcess(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : `${pid} ${fields[18]}`;
  } catch {
    return `${pid}`;
  }
}
