import { readEnvironment } from "../../core/environment.ts";
import { HandlerError, UpstreamFailed } from "../../core/errors.ts";
import { accountEntries, hostOf } from "../../core/twilio/account.ts";
import { sendToTwilio, type TransportSettings } from "../../core/twilio/transport.ts";
import type { Variables } from "./file.ts";
import { UserError } from "./user-error.ts";

/** A resource in Twilio's answer. */
export type Resource = Readonly<Record<string, unknown>>;
/** The parameters of a form; a list is a repeated parameter. */
export type Form = Readonly<Record<string, string | readonly string[]>>;

const LONGEST_MS = 20_000;

/** Twilio rejected a request. */
export class Rejected extends UserError {
  readonly status: number;

  constructor(request: string, status: number, body: Resource) {
    super(
      `Twilio rejected ${request}: ${body.message ?? "no message"} (HTTP ${status}, code ${body.code ?? "none"})`,
    );
    this.status = status;
  }
}

/** Twilio did not answer: nothing is known about credentials or resources. */
export class Unreachable extends UserError {
  constructor(request: string, cause: UpstreamFailed) {
    const [method] = request.split(" ");
    const advice =
      cause.lost && method !== "GET"
        ? "It may have taken effect. Run the command again."
        : "Check this machine's network and proxy, and run the command again.";
    super(`Twilio did not answer ${request} (${reasonOf(cause)}). ${advice}`, { cause });
  }
}

/** Why there was no answer, as the system says it, such as ECONNREFUSED. */
function reasonOf(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  if (cause !== undefined) return reasonOf(cause);
  return error instanceof Error && "code" in error ? String(error.code) : message;
}

/** Requests to Twilio's REST API, by product and path: "conversations", "/v1/Services". */
export class TwilioApi {
  readonly accountSid: string;
  /** The base URL of requests; undefined for Twilio itself. */
  readonly baseUrl: string | undefined;
  readonly #settings: TransportSettings;
  readonly #location: Parameters<typeof hostOf>[1];
  readonly #longestMs: number;

  /** @throws {UserError} naming the settings that are missing or malformed. */
  constructor(variables: Variables, longestMs = LONGEST_MS) {
    const env = readSettings(variables);
    const password = env.TWILIO_API_KEY_SID === undefined ? env.AUTH_TOKEN : env.TWILIO_API_KEY_SECRET;
    if (password === undefined)
      throw new UserError("Set TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET, or AUTH_TOKEN, in .env.");
    this.accountSid = env.ACCOUNT_SID;
    this.baseUrl = env.TWILIO_BASE_URL;
    this.#settings = {
      username: env.TWILIO_API_KEY_SID ?? env.ACCOUNT_SID,
      password,
      baseUrl: env.TWILIO_BASE_URL,
    };
    this.#location = env;
    this.#longestMs = longestMs;
  }

  /** The base URL of a product, in the region and edge location of the settings. */
  urlOf(product: string): string {
    return `https://${hostOf(product, this.#location)}.twilio.com`;
  }

  fetch(product: string, path: string): Promise<Resource> {
    return this.#send("GET", product, path);
  }

  /** The resource, or undefined if it does not exist. */
  async find(product: string, path: string): Promise<Resource | undefined> {
    try {
      return await this.fetch(product, path);
    } catch (error) {
      if (error instanceof Rejected && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All pages of a list, whose members are in the property `key`. */
  async list(product: string, path: string, key: string): Promise<Resource[]> {
    const members: Resource[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const page: Resource = await this.#send("GET", product, next);
      const found = page[key];
      if (Array.isArray(found)) members.push(...found);
      next = nextPath(page);
    }
    return members;
  }

  post(product: string, path: string, form: Form): Promise<Resource> {
    return this.#send("POST", product, path, { data: form });
  }

  /** Sends JSON, as the Content API requires. */
  sendJson(method: "POST" | "PUT", product: string, path: string, body: Resource): Promise<Resource> {
    const headers = { "content-type": "application/json" };
    return this.#send(method, product, path, { data: Buffer.from(JSON.stringify(body)), headers });
  }

  async remove(product: string, path: string): Promise<void> {
    try {
      await this.#send("DELETE", product, path);
    } catch (error) {
      if (!(error instanceof Rejected && error.status === 404)) throw error;
    }
  }

  async #send(
    method: string,
    product: string,
    path: string,
    more: { data?: Form | Buffer; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Resource> {
    const request = `${method} ${path.replace(/\?.*/, "")}`;
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const asked = { method, uri: `${this.urlOf(product)}${path}`, headers: form, ...more };
    try {
      const deadline = Date.now() + this.#longestMs;
      const { statusCode, body } = await sendToTwilio(this.#settings, asked, deadline);
      const read = body === "" ? {} : JSON.parse(body);
      if (statusCode < 400) return read;
      throw new Rejected(request, statusCode, read);
    } catch (error) {
      if (error instanceof UpstreamFailed) throw new Unreachable(request, error);
      if (error instanceof SyntaxError) throw new UserError(`Twilio's answer to ${request} is not JSON.`);
      throw error;
    }
  }
}

function readSettings(variables: Variables) {
  try {
    return readEnvironment(accountEntries, variables);
  } catch (error) {
    throw error instanceof HandlerError
      ? new UserError(`${error.message} Set it in .env or the environment.`)
      : error;
  }
}

/** The path of the next page, which Twilio names by a whole URL. */
function nextPath(page: Resource): string | undefined {
  const meta = page.meta as { next_page_url?: string | null } | undefined;
  const next = meta === undefined ? page.next_page_uri : meta.next_page_url;
  if (typeof next !== "string" || next === "") return undefined;
  const { pathname, search } = new URL(next, "https://api.twilio.com");
  return pathname + search;
}
