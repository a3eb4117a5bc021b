import type { Environment } from "../environment.ts";
import type { Handler, OpenHandler } from "../handler.ts";
import type { LogSink } from "../log.ts";

/**
 * Opens a handler on Lambda, once. Without `SECRET_ID` the environment is read now, so that a deployment that lacks a
 * variable fails its init. With it, the variables of that secret are read at the first call, when the secrets extension
 * is up.
 */
export function opener(
  handler: Handler,
  name: string,
  environment: Environment,
  sink: LogSink,
): () => Promise<OpenHandler> {
  const secretId = environment.SECRET_ID;
  if (typeof secretId !== "string" || secretId === "") {
    const open = Promise.resolve(handler.open(environment, sink, name));
    return () => open;
  }
  let pending: Promise<OpenHandler> | undefined;
  const openWithSecrets = async () => {
    const { readSecrets } = await import("./secrets-extension.ts");
    const secrets = await readSecrets(secretId, environment);
    return handler.open({ ...environment, ...secrets }, sink, name);
  };
  return () => {
    // One that failed is not kept: the next call tries again.
    pending ??= openWithSecrets().catch((error: unknown) => {
      pending = undefined;
      throw error;
    });
    return pending;
  };
}

/** Lambda's own console adds text before each line; a line of its own stays JSON. */
export const standardOutput: LogSink = (_level, line) => {
  process.stdout.write(`${line}\n`);
};

/** Kept back from Lambda's time limit, so that a slow call ends with our answer and not with the platform's. */
export const TIME_TO_ANSWER_MS = 500;
