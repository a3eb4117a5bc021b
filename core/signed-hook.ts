import { createHmac } from "node:crypto";
import * as v from "valibot";
import type { Call } from "./call.ts";
import { type Environment, readEnvironment, secret } from "./environment.ts";
import { Misconfigured, UpstreamFailed } from "./errors.ts";
import { sendRequest } from "./http.ts";
import { scaled } from "./time-scale.ts";

/** A request to a service of your own. */
export interface HookRequest {
  readonly method: "POST" | "PUT";
  readonly url: string;
  /** The same for every attempt, so that the receiver recognizes repetitions. */
  readonly id: string;
  /** A JSON body, or one of another type. */
  readonly json?: object;
  readonly content?: { readonly type: string; readonly body: string };
}

/** Sends a request. @returns the answer's body. */
export type SendHook = (call: Call, request: HookRequest) => Promise<string>;

/** The variable of the key, `HOOK_SECRET`. */
export const hookEntries = { HOOK_SECRET: v.optional(secret()) };

const LONGEST_MS = 4_000;

/**
 * Makes a sender of signed requests. They are signed as in Standard Webhooks (https://www.standardwebhooks.com):
 * `webhook-signature` is `v1,` and the Base64 of HMAC-SHA256 over `webhook-id`, `webhook-timestamp` and the body, joined by
 * dots, so that the receiver can verify sender and time.
 *
 * The sender throws {@link UpstreamFailed} when there is no answer, or another status than 2xx: the next attempt may succeed.
 *
 * The key is `HOOK_SECRET`, as the receiver has it. Its bytes are those of the text.
 *
 * @throws {Misconfigured} without it.
 */
export function openHookSender(environment: Environment): SendHook {
  const { HOOK_SECRET: key } = readEnvironment(hookEntries, environment);
  if (key === undefined) {
    throw new Misconfigured("Environment: HOOK_SECRET is missing; requests to hooks are signed with it.");
  }
  return async (call, request) => {
    const body = request.content?.body ?? JSON.stringify(request.json ?? {});
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac("sha256", key).update(`${request.id}.${timestamp}.${body}`).digest("base64");
    const answer = await sendRequest({
      url: request.url,
      method: request.method,
      headers: {
        "content-type": request.content?.type ?? "application/json",
        "webhook-id": request.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      },
      body,
      timeoutMs: Math.max(1, Math.min(call.deadline - Date.now(), scaled(LONGEST_MS))),
    }).catch((cause: unknown) => {
      throw new UpstreamFailed("A hook did not answer.", { cause });
    });
    if (answer.status < 200 || answer.status > 299)
      throw new UpstreamFailed(`A hook answered ${answer.status}.`);
    return answer.body;
  };
}

/** Reads the JSON answer of a hook. @throws {UpstreamFailed} if it does not match the schema. */
export function readHookAnswer<Schema extends v.GenericSchema>(
  schema: Schema,
  body: string,
): v.InferOutput<Schema> {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), body);
  if (read.success) return read.output;
  throw new UpstreamFailed("A hook's answer does not match its schema.");
}
