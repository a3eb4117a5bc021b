import { readFileSync } from "node:fs";

const CHECK_MS = 500;

/**
 * Calls `end` when npm runs this program and has ended. npm passes SIGTERM to a shell, which may end without passing it on
 * (dash), and an npm that is killed passes nothing on.
 */
export function endWithNpm(end: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const { ppid } = process;
  const npm = parentOfShell(ppid);
  const timer = setInterval(() => {
    if (process.ppid === ppid && parentOfShell(ppid) === npm) return;
    clearInterval(timer);
    end();
  }, CHECK_MS);
  timer.unref();
}

/** The parent of a process that is a shell, where the system has /proc. */
function parentOfShell(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^\d+ \(\w*sh\) \S (\d+)/.exec(stat)?.[1];
  } catch {
    return undefined;
  }
}
