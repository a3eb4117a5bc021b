import type { HttpResponse } from "../http/response.ts";
import type { Runtime } from "../runtime.ts";
import type { Saved } from "../store/read-state.ts";

/** One request to the control API. */
export interface ControlCall {
  readonly runtime: Runtime;
  readonly params: ReadonlyMap<string, string>;
  /** The parameters of the query. */
  readonly query: URLSearchParams;
  readonly body: string | undefined;
  /** The origin of URLs in responses: "http://127.0.0.1:4010". */
  readonly origin: string;
  /** The JSON line that the emulator printed when it was ready. */
  readonly info: object;
  /** Replaces the state by a new one with the initial seed or another one. */
  readonly reset: (seed?: unknown) => Promise<void>;
  /** Replaces the state by a stored one. */
  readonly restore: (saved: Saved) => Promise<void>;
}

/** Answers a call, or throws a `ControlError` or an `InputError`. */
export type ControlHandler = (call: ControlCall) => HttpResponse | Promise<HttpResponse>;

/** A route of the control API. */
export interface ControlRoute {
  readonly handler: ControlHandler;
  /** The parameters that its query may have; undefined: any, since it answers a page. */
  readonly queryFields: readonly string[] | undefined;
}
