import type { Reply } from "../http/reply.ts";
import type { Runtime } from "../runtime.ts";

/** One request to the control API. */
export interface ControlCall {
  readonly runtime: Runtime;
  readonly params: ReadonlyMap<string, string>;
  readonly body: string | undefined;
  /** Begins a new life with fresh state. */
  readonly reset: () => Promise<void>;
}

/** Answers a call, or throws a {@link ControlError}. */
export type ControlHandler = (call: ControlCall) => Reply | Promise<Reply>;
