import { HandlerError, InvalidInput } from "./errors.ts";

/** Form fields in the order received, each with all its values. */
export type FormParameters = ReadonlyMap<string, readonly string[]>;

/** A call, the same on both platforms. */
export interface Request {
  /** Upper case. `undefined` on Twilio Functions, which do not pass it on. */
  readonly method: string | undefined;
  /** Header values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Fields of query and body by name; the body's take precedence. No prototype; values are not validated yet. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The URL that was called, without its query. `undefined` if the platform does not provide it. */
  readonly url: string | undefined;
  /** Twilio's hash of a signed body that is not a form (`bodySHA256` in the query). Not one of the fields. */
  readonly bodyHash: string | undefined;
  /** Query and body as received, for checking their signature. Twilio Functions provide neither. */
  readonly raw: { readonly query: string; readonly body: string; readonly type: string } | undefined;
  /** Whether the request comes from the queue: the deployment has verified the caller before, and its own MAC now. */
  readonly isVerified?: true;
  /** Public address of the deployment, without the slash at its end; sibling endpoints live below it. */
  readonly publicBaseUrl: string | undefined;
}

/** An answer, the same on both platforms. */
export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text as it is, or an object to be sent as JSON. */
  readonly body: string | Readonly<Record<string, unknown>>;
}

/** The query parameter in which Twilio sends the hash of a body that is not a form. */
export const BODY_HASH = "bodySHA256";

/** An object for a caller's fields, without a prototype: names such as `__proto__` are names like any other. */
export const emptyFields = (): Record<string, unknown> => Object.create(null);

/** Parses `application/x-www-form-urlencoded` text, or a query without its question mark. */
export function parseForm(text: string): Map<string, string[]> {
  const form = new Map<string, string[]>();
  if (text === "") return form;
  for (const [name, value] of new URLSearchParams(text)) {
    const values = form.get(name);
    if (values) values.push(value);
    else form.set(name, [value]);
  }
  return form;
}

/**
 * Reads the fields of a request's query and body, and separately the hash that Twilio puts into the query.
 * @throws {InvalidInput} for a body that is not of its media type. @throws {UnsupportedBody}
 */
export function readFields({ query, body, type }: NonNullable<Request["raw"]>): {
  readonly fields: Request["fields"];
  readonly bodyHash: string | undefined;
} {
  const fields = emptyFields();
  const parameters = parseForm(query);
  const [bodyHash] = parameters.get(BODY_HASH) ?? [];
  parameters.delete(BODY_HASH);
  addFormFields(fields, parameters);
  if (body !== "") {
    if (isForm(type)) addFormFields(fields, parseForm(body));
    else if (isJson(type)) addJsonFields(fields, body);
    else throw new UnsupportedBody(type);
  }
  return { fields, bodyHash };
}

/** Adds a form's fields: one value stays a string, repeated ones become a list. */
function addFormFields(fields: Record<string, unknown>, form: FormParameters): void {
  for (const [name, values] of form) fields[name] = values.length === 1 ? values[0] : [...values];
}

/**
 * Adds the fields of a JSON body.
 * @throws {InvalidInput} when the text is not a JSON object.
 */
function addJsonFields(fields: Record<string, unknown>, text: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Without the cause: a parser's message quotes the body.
    throw new InvalidInput("The body is not valid JSON.", { code: "invalid_json" });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new InvalidInput("The body must be a JSON object with named fields.", { code: "invalid_json" });
  }
  for (const [name, value] of Object.entries(parsed)) fields[name] = value;
}

/** The media type alone, lower case: `application/json` for `Application/JSON; charset=utf-8`. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

export const isForm = (type: string): boolean => type === "application/x-www-form-urlencoded";
const isJson = (type: string): boolean => type === "application/json" || type.endsWith("+json");

/** 415: a body that is neither a form nor JSON. */
class UnsupportedBody extends HandlerError {
  constructor(type: string) {
    super(
      415,
      "unsupported_media_type",
      `Send the body as application/json or application/x-www-form-urlencoded, not as ${type || "an unnamed type"}.`,
    );
  }
}
