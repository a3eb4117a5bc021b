import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { SignJWT } from "jose";
import { twilioSignature } from "../../core/access/signature.ts";
import { parseForm } from "../../core/request.ts";
import { handlerOf } from "../../infra/endpoints.ts";
import { exampleOf } from "../../tools/reference/example.ts";
import { nasty } from "../conformance/fuzz/mutations.ts";
import { credentials } from "../support/credentials.ts";
import { type Bundle, type BundleRequest, ORIGIN } from "./bundles.ts";

/** What a request is made of, before it is signed. */
export interface Plan {
  readonly bundle: Bundle;
  readonly method: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly credentials: "signature" | "token" | "none" | "forged";
}

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1e300,
      [],
      [[]],
      {},
      ["a", "a"],
      `CH${"g".repeat(32)}`,
      "..",
      "../../Services",
      `IM${"0".repeat(31)}/`,
      "\ud800",
    ),
  },
);

/** One way to change the fields of a request that is right. */
type Change = (fields: Map<string, unknown>, names: readonly string[]) => void;

const at = (names: readonly string[], index: number): string => names[index % names.length] ?? "x";

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Change>(() => undefined) },
  {
    weight: 5,
    arbitrary: fc.tuple(fc.nat(), anyValue).map(
      ([index, value]): Change =>
        (fields, names) =>
          void fields.set(at(names, index), value),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (index): Change =>
        (fields, names) =>
          void fields.delete(at(names, index)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.oneof(
          { weight: 20, arbitrary: fc.constantFrom("__proto__", "constructor", "request", "", "parley") },
          { weight: 1, arbitrary: fc.constant("x".repeat(100_000)) },
        ),
        anyValue,
      )
      .map(
        ([name, value]): Change =>
          (fields) =>
            void fields.set(name, value),
      ),
  },
);

/** `undefined` but for one of so many values. */
const seldom = <Value>(oneOf: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: oneOf - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Requests to every bundle: right ones, and what becomes of them in up to three changes. */
export async function handlerPlans(bundles: readonly Bundle[]): Promise<fc.Arbitrary<Plan>> {
  const bases = await Promise.all(bundles.map(baseOf));
  return fc
    .record({
      index: fc.nat(),
      changes: fc.array(change, { maxLength: 3 }),
      form: fc.oneof(
        { weight: 3, arbitrary: fc.constant("json") },
        { weight: 3, arbitrary: fc.constant("form") },
      ),
      raw: seldom(
        30,
        // A body beyond the limit takes a hundred times as long as the others.
        fc.oneof(
          { weight: 40, arbitrary: fc.constantFrom("{", "[1]", "null", "a=%", "&".repeat(5_000), "\u0000") },
          { weight: 1, arbitrary: fc.constant("x".repeat(1_000_001)) },
        ),
      ),
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constant("POST") },
        { weight: 1, arbitrary: fc.constantFrom("GET", "OPTIONS", "PUT", "DELETE", "TRACE") },
      ),
      header: seldom(
        8,
        fc.constantFrom<readonly [string, string]>(
          ["content-type", "text/plain"],
          ["content-type", "multipart/form-data; boundary=x"],
          ["content-type", ""],
          ["origin", "https://evil.example"],
          ["i-twilio-idempotency-token", "x y"],
          ["authorization", "Bearer a.b.c"],
          ["authorization", `Bearer ${"e".repeat(9_000)}`],
          ["x-twilio-webhooks-signature-settings", "?"],
        ),
      ),
      query: seldom(8, fc.constantFrom("a=b", "bodySHA256=0", "parley=e30", "%=%", "request=evil")),
      who: fc.constantFrom<Plan["credentials"][]>(
        "signature",
        "signature",
        "token",
        "token",
        "none",
        "forged",
      ),
    })
    .map(({ index, changes, form, raw, method, header, query, who }): Plan => {
      const base = bases[index % bases.length];
      if (base === undefined) throw new Error("There is no bundle.");
      const fields = new Map(base.fields);
      for (const apply of changes) apply(fields, base.names);
      const isJson = form === "json";
      const own = isJson ? JSON.stringify(Object.fromEntries(fields)) : formOf(fields);
      return {
        bundle: base.bundle,
        method,
        query: query ?? "",
        headers: {
          "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded",
          ...(header && { [header[0]]: header[1] }),
        },
        body: raw ?? own,
        credentials: base.bundle.endpoint.isProtected && who === "token" ? "signature" : who,
      };
    });
}

async function baseOf(bundle: Bundle) {
  const { fields } = exampleOf(bundle.endpoint);
  const { input } = await handlerOf(bundle.endpoint);
  const names = "entries" in input ? Object.keys(input.entries as object) : [];
  // The pages' examples have unique names, of conversations that are not there.
  const given = { ...fields, ...("conversationSid" in fields && { conversationSid: `CH${"0".repeat(32)}` }) };
  return { bundle, fields: Object.entries(given), names: [...new Set([...names, ...Object.keys(fields)])] };
}

const formOf = (fields: ReadonlyMap<string, unknown>): string =>
  new URLSearchParams(
    [...fields].map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ).toString();

let token: Promise<string> | undefined;

/** Adds the credentials, which cover what the request has become. */
export async function toRequest(plan: Plan, authToken: string): Promise<BundleRequest> {
  const { method, body } = plan;
  const isHashed = plan.credentials === "signature" && plan.headers["content-type"] === "application/json";
  const hash = createHash("sha256").update(body).digest("hex");
  const query = isHashed ? `${plan.query}${plan.query && "&"}bodySHA256=${hash}` : plan.query;
  const headers: Record<string, string> = { ...plan.headers };
  token ??= new SignJWT({
    sub: "alice",
    scope: "conversations:read conversations:write users:export users:erase",
  })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("100d")
    .sign(new TextEncoder().encode(credentials.JWT_SECRET));
  if (plan.credentials === "token") headers.authorization ??= `Bearer ${await token}`;
  if (plan.credentials === "forged") headers["x-twilio-signature"] = "forged";
  if (plan.credentials === "signature") {
    const url = `${ORIGIN}/${plan.bundle.endpoint.name}${query === "" ? "" : `?${query}`}`;
    const isForm = headers["content-type"] === "application/x-www-form-urlencoded";
    const key = { secret: authToken, hash: "sha1" } as const;
    headers["x-twilio-signature"] = twilioSignature(key, url, isForm ? parseForm(body) : undefined);
  }
  return { method, query, headers, body: Buffer.from(body) };
}
