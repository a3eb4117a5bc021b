import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that a test started. */
export interface TestProcess {
  /** Everything it has printed so far, standard output and error together. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a Node program and waits until it prints a line that `isReady` accepts.
 * Fails with all that was printed when the program ends first.
 */
export async function startNode(
  args: readonly string[],
  options: { env: Readonly<Record<string, string>>; isReady: (line: string) => boolean },
): Promise<TestProcess & { readonly line: string }> {
  const child = spawn(process.execPath, args, { env: { ...options.env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const line = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (text) => options.isReady(text) && resolve(text));
    }
    child.once("exit", (code) => reject(new Error(`${args.join(" ")} ended with ${code}:\n${output}`)));
  });
  return { line, output: () => output, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
