import * as fc from "fast-check";
import { isObject, parseJson } from "../check/json.ts";
import type { Exchange } from "../recorder.ts";
import type { RawRequest } from "../send.ts";

/** Values that are likely to break parsers, look-ups, dates, numbers and log lines. */
export const nasty = [
  "",
  " ",
  "null",
  "undefined",
  "true",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "{}",
  "[]",
  '{"__proto__":{"x":1}}',
  "[".repeat(2000),
  "-1",
  "0",
  "1e309",
  "NaN",
  "99999999999999999999",
  "PT0S",
  "PT99999999999S",
  "-P1D",
  "2026-02-30T00:00:00Z",
  "-271821-04-20T00:00:00Z",
  "+15017122661",
  "whatsapp:+14155238886",
  "rcs:+15558675310",
  "messenger:1",
  "+".repeat(300),
  "alice",
  "ALICE",
  "http://[",
  "http://127.0.0.1:1/",
  "javascript:alert(1)",
  "\u0000",
  "\r\nX-Injected: 1",
  "\u202e\ufeff",
  "😀".repeat(200),
  "x".repeat(40_000),
];

const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
  { weight: 1, arbitrary: fc.json() },
);

/** Parts of paths, with valid, invalid and unusual percent-encoding. */
const segment = fc.oneof(
  value.map((text) => encodeURIComponent(text.slice(0, 500))),
  fc.constantFrom(
    "%",
    "%zz",
    "%00",
    "%2F",
    "%2e%2e",
    "..",
    ".",
    "%C3%28",
    "%ED%A0%80",
    "a%20b",
    "+",
    ";",
    ":",
    "//",
  ),
);

const header = fc.oneof(
  fc.constantFrom(
    ["X-Twilio-Webhook-Enabled", "true"],
    ["X-Twilio-Webhook-Enabled", "maybe"],
    ["X-Twilio-Webhook-Enabled", "TRUE, false"],
    ["Content-Type", "application/json"],
    ["Content-Type", "multipart/form-data; boundary=x"],
    ["Content-Type", "application/x-www-form-urlencoded; charset=utf-16"],
    ["Content-Type", ""],
    ["Authorization", "Basic"],
    ["Authorization", "Basic !!!"],
    ["Authorization", `Bearer ${"e".repeat(4000)}`],
    ["Accept", "text/html"],
    ["Accept-Encoding", "br;q=nonsense"],
    ["Expect", "something-else"],
    ["X-HTTP-Method-Override", "DELETE"],
    ["Cookie", "a=b; ".repeat(500)],
  ),
);

/** One mutation of a request. */
type Mutation = (request: RawRequest) => RawRequest;

const spoilField = fc.tuple(fc.nat(), value).map(
  ([at, text]): Mutation =>
    (request) =>
      editFields(request, (fields) => {
        if (fields.length > 0) fields[at % fields.length] = [fields[at % fields.length]?.[0] ?? "", text];
      }),
);
const dropField = fc.nat().map(
  (at): Mutation =>
    (request) =>
      editFields(request, (fields) => void fields.splice(at % (fields.length + 1), 1)),
);
const repeatField = fc.tuple(fc.nat(), value).map(
  ([at, text]): Mutation =>
    (request) =>
      editFields(
        request,
        (fields) => void fields.push([fields[at % (fields.length || 1)]?.[0] ?? "X", text]),
      ),
);
const addField = fc
  .tuple(fc.constantFrom("__proto__", "Sid", "PageSize", "PageToken", "Page", "Attributes", "State"), value)
  .map(
    ([name, text]): Mutation =>
      (request) =>
        editFields(request, (fields) => void fields.push([name, text])),
  );
const spoilPath = fc.tuple(fc.nat(), segment).map(
  ([at, text]): Mutation =>
    (request) => {
      const [path = "", query] = request.url.split("?");
      const parts = path.split("/");
      parts[1 + (at % (parts.length - 1))] = text;
      return { ...request, url: parts.join("/") + (query === undefined ? "" : `?${query}`) };
    },
);
const spoilQuery = fc
  .tuple(fc.constantFrom("PageSize", "PageToken", "Page", "Order", "Identity"), segment)
  .map(
    ([name, text]): Mutation =>
      (request) => ({
        ...request,
        url: `${request.url}${request.url.includes("?") ? "&" : "?"}${name}=${text}`,
      }),
  );
const spoilHeader = header.map(
  ([name = "", text = ""]): Mutation =>
    (request) => ({
      ...request,
      headers: { ...request.headers, [name]: text },
    }),
);
const tooLong = Buffer.from("a".repeat(1_100_000));
const spoilBody = fc
  .oneof(
    { weight: 10, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 10, arbitrary: fc.json().map((text) => Buffer.from(text)) },
    {
      weight: 10,
      arbitrary: fc.constantFrom("a=%", "=&=&=", "&".repeat(5000)).map((text) => Buffer.from(text)),
    },
    { weight: 1, arbitrary: fc.constant(tooLong) },
  )
  .map(
    (body): Mutation =>
      (request) =>
        request.method === "GET" ? request : { ...request, body },
  );
const spoilMethod = fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS").map(
  (method): Mutation =>
    (request) => ({ ...request, method }),
);
const leave = fc.constant<Mutation>((request) => request);

const mutation = fc.oneof(
  { weight: 3, arbitrary: leave },
  { weight: 6, arbitrary: spoilField },
  { weight: 2, arbitrary: dropField },
  { weight: 2, arbitrary: repeatField },
  { weight: 2, arbitrary: addField },
  { weight: 2, arbitrary: spoilPath },
  { weight: 1, arbitrary: spoilQuery },
  { weight: 2, arbitrary: spoilHeader },
  { weight: 1, arbitrary: spoilBody },
  { weight: 1, arbitrary: spoilMethod },
);

/** Recorded requests with up to three mutations. */
export function spoiledRequests(exchanges: readonly Exchange[]): fc.Arbitrary<RawRequest> {
  const request = fc.nat().map((at) => toRequest(exchanges[at % exchanges.length]));
  return fc
    .tuple(request, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([whole, mutations]) => mutations.reduce((spoiled, spoil) => spoil(spoiled), whole));
}

function toRequest(exchange: Exchange | undefined): RawRequest {
  if (exchange === undefined) throw new Error("There is no exchange to spoil");
  const { method, host, url, requestHeaders, requestBody } = exchange;
  const kept = ["content-type", "x-twilio-webhook-enabled"];
  const headers = kept.flatMap((name) => {
    const text = requestHeaders[name];
    return typeof text === "string" ? [[name, text]] : [];
  });
  return { method, host, url, headers: Object.fromEntries(headers), body: requestBody };
}

/** Edits the fields of a form, or the first level of a JSON body. */
function editFields(request: RawRequest, edit: (fields: [string, string][]) => void): RawRequest {
  if (request.method === "GET") return request;
  const text = request.body.toString();
  const json = parseJson(text);
  const fields: [string, string][] = isObject(json)
    ? Object.entries(json).map(([name, inner]) => [name, JSON.stringify(inner)])
    : [...new URLSearchParams(text)];
  edit(fields);
  if (!isObject(json)) return { ...request, body: new URLSearchParams(fields).toString() };
  const entries = fields.map(([name, inner]) => [name, parseJson(inner) ?? inner]);
  return { ...request, body: JSON.stringify(Object.fromEntries(entries)) };
}
