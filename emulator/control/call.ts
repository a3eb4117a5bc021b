import type { Reply } from "../http/reply.ts";
import type { Runtime } from "../runtime.ts";
import type { Saved } from "../store/store.ts";

/** One request to the control API. */
export interface ControlCall {
  readonly runtime: Runtime;
  readonly params: ReadonlyMap<string, string>;
  /** What follows the question mark. */
  readonly query: URLSearchParams;
  readonly body: string | undefined;
  /** How URLs in the answer begin: "http://127.0.0.1:4010". */
  readonly origin: string;
  /** What the emulator printed when it was ready. */
  readonly info: object;
  /** Begins a new life, with the contents of the start or those of another seed. */
  readonly reset: (seed?: unknown) => Promise<void>;
  /** Goes on from another state. */
  readonly restore: (saved: Saved) => Promise<void>;
}

/** Answers a call, or throws a `ControlError` or an `InputError`. */
export type ControlHandler = (call: ControlCall) => Reply | Promise<Reply>;
