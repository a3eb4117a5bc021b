import type { Call } from "../call.ts";
import { type Environment, withVariables } from "../environment.ts";
import { createLog, type LogSink } from "../log.ts";

/** Secrets are read again at most this often, in milliseconds: the extension caches them as long (`SECRETS_MANAGER_TTL`). */
const SECRETS_KEPT_MS = 60_000;

/** A value that is opened with the environment on Lambda, once, and again when the secrets have changed. */
export interface Opener<Opened> {
  open(): Promise<Opened>;
  /** Reads the secrets again. @returns a newly opened value; `undefined` if `used` was opened with the same secrets. */
  openAgain(used: Opened): Promise<Opened | undefined>;
}

/**
 * Opens a handler on Lambda. Without `SECRET_ID` the environment is read now, so that a deployment that lacks a variable
 * fails its init. With it, the variables of that secret are read at the first call, when the secrets extension is up.
 */
export function opener<Opened>(
  open: (environment: Environment) => Opened,
  name: string,
  environment: Environment,
  sink: LogSink,
): Opener<Opened> {
  const secretId = environment.SECRET_ID;
  if (typeof secretId !== "string" || secretId === "") {
    const opened = Promise.resolve(open(environment));
    return { open: () => opened, openAgain: async () => undefined };
  }
  const log = createLog(sink, { handler: name });
  let readAt = 0;
  const read = async () => {
    readAt = Date.now();
    const { readSecrets } = await import("./secrets-extension.ts");
    const secrets = await readSecrets(secretId, environment);
    return { text: JSON.stringify(secrets), opened: open(withVariables(environment, secrets)) };
  };
  let current: ReturnType<typeof read> | undefined;
  const first = () => {
    // A failure is not cached: the next call tries again.
    current ??= read().catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
  const refresh = async (before: Awaited<ReturnType<typeof read>>) => {
    try {
      const after = await read();
      if (after.text === before.text) return before;
      log.info("secrets_changed");
      return after;
    } catch (error) {
      log.error("secrets_not_read", { error });
      return before;
    }
  };
  return {
    open: async () => (await first()).opened,
    async openAgain(used) {
      const before = await first();
      if (before.opened === used && Date.now() - readAt >= SECRETS_KEPT_MS) current = refresh(before);
      const { opened } = await first();
      return opened === used ? undefined : opened;
    },
  };
}

/**
 * Runs a function with the opened value. If credentials were rejected, the secrets are read again; if they have changed, and
 * the call has had no effect yet, the function is run again.
 */
export async function withCurrentSecrets<Opened, Result>(
  { open, openAgain }: Opener<Opened>,
  call: Call,
  act: (opened: Opened, call: Call) => Result | Promise<Result>,
): Promise<Result> {
  const opened = await open();
  const result = await act(opened, call);
  const changed = call.mayHaveOldSecrets ? await openAgain(opened) : undefined;
  const again = changed === undefined ? undefined : call.again();
  return changed === undefined || again === undefined ? result : act(changed, again);
}

/** Lambda's own console adds text before each line; a direct write keeps the line JSON. */
export const standardOutput: LogSink = (_level, line) => {
  process.stdout.write(`${line}\n`);
};

/** Subtracted from Lambda's time limit, so that a slow call ends with our error and not with the platform's. */
export const TIME_TO_ANSWER_MS = 500;
