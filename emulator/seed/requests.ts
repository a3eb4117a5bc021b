import { answerApi } from "../api/answer.ts";
import { readHost } from "../http/host.ts";
import { InputError } from "../input.ts";
import type { Runtime } from "../runtime.ts";

/** An object of a seed and its path, such as `conversations[0].messages[1]`. */
export interface Item<Fields = object> {
  readonly path: string;
  readonly fields: Fields;
}

interface ErrorBody {
  readonly code: number;
  readonly message: string;
  readonly details?: { readonly errors: readonly { property_path: string; message: string }[] };
}

/**
 * Requests to the account's own REST API, without webhooks. An error of the API becomes an {@link InputError} with the
 * path of the object.
 */
export class Requests {
  readonly #runtime: Runtime;
  readonly #authorization: string;
  readonly #sids = new Set<string>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const { sid, authToken } = runtime.resources.account;
    this.#authorization = `Basic ${Buffer.from(`${sid}:${authToken}`).toString("base64")}`;
  }

  /** Creates an object, under its `sid` if it has one. */
  create(url: string, { path, fields }: Item<{ readonly sid?: string | undefined }>) {
    const { sid, ...others } = fields;
    this.reserve(path, sid);
    return this.post(url, { path, fields: others });
  }

  post(url: string, { path, fields }: Item): Promise<{ readonly sid: string }> {
    const form = new URLSearchParams(parametersOf(fields, ""));
    return this.#send(url, path, "application/x-www-form-urlencoded", form.toString());
  }

  postJson(url: string, path: string, body: object): Promise<{ readonly sid: string }> {
    return this.#send(url, path, "application/json", JSON.stringify(body));
  }

  /** Sets the SID of the next object of the kind. */
  reserve(path: string, sid: string | undefined): void {
    if (sid === undefined) return;
    if (this.#sids.has(sid)) throw new InputError(`${path}.sid`, `${sid} is there twice`);
    this.#sids.add(sid);
    this.#runtime.resources.ids.reserve(sid);
  }

  async #send(url: string, path: string, contentType: string, body: string) {
    const headers = { authorization: this.#authorization, "content-type": contentType };
    const host = readHost("localhost", "localhost");
    const reply = await answerApi(this.#runtime, { method: "POST", url, headers, body }, host);
    if (reply.status < 300) return reply.body as { readonly sid: string };
    const { code, message, details } = reply.body as ErrorBody;
    const [first] = details?.errors ?? [];
    const reason = first === undefined ? "" : `: ${first.property_path} ${first.message}`;
    throw new InputError(path, `${message} (${code})${reason}`);
  }
}

/** Twilio's parameters for fields in the spelling of its Node client: `timers: {inactive}` is `Timers.Inactive`. */
function parametersOf(fields: object, prefix: string): [name: string, value: string][] {
  return Object.entries(fields).flatMap(([field, value]: [string, unknown]) => {
    const name = `${prefix}${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((member): [string, string] => [name, String(member)]);
    return typeof value === "object" && value !== null
      ? parametersOf(value, `${name}.`)
      : [[name, String(value)]];
  });
}
