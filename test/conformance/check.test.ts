import { describe, expect, it } from "vitest";
import { checkConformance } from "./check/conformance.ts";
import type { Deviation } from "./check/deviations.ts";
import { operationsOf } from "./check/specification.ts";
import type { Exchange } from "./recorder.ts";

const sid = (digit: string) => `BK${digit.repeat(32)}`;
const sidPattern = { type: "string", pattern: "^BK[0-9a-fA-F]{32}$" };

/** A book as in the specification's example. */
const book = {
  sid: sid("a"),
  title: "Faust",
  pages: 464,
  lent: null,
  date_created: "2015-12-16T22:18:37Z",
  binding: { type: "leather", colour: "red" },
  url: `https://library.twilio.com/v1/Books/${sid("a")}`,
};

/** A sample API with the properties of Twilio's documents. */
const operations = operationsOf({
  openapi: "3.0.1",
  paths: {
    "/v1/Books": {
      servers: [{ url: "https://library.twilio.com" }],
      post: {
        parameters: [{ name: "X-Twilio-Stamp", in: "header" }],
        requestBody: {
          content: {
            "application/x-www-form-urlencoded": {
              schema: {
                type: "object",
                required: ["Title"],
                properties: { Title: { type: "string" }, Size: { type: "string", enum: ["small", "large"] } },
              },
            },
          },
        },
        responses: {
          201: {
            headers: { "Access-Control-Allow-Origin": {} },
            content: {
              "application/json": {
                schema: { $ref: "#/components/schemas/book" },
                examples: {
                  create: { value: book },
                  createPaperback: { value: { ...book, binding: { type: "paper" } } },
                },
              },
            },
          },
        },
      },
    },
    "/v1/Books/{Sid}": {
      servers: [{ url: "https://library.twilio.com" }],
      delete: { responses: { 204: { description: "Deleted" } } },
    },
  },
  components: {
    schemas: {
      book: {
        type: "object",
        properties: {
          sid: sidPattern,
          title: { type: "string" },
          pages: { type: "integer" },
          lent: { type: "string", nullable: true },
          date_created: { type: "string", format: "date-time" },
          binding: { nullable: true },
          url: { type: "string", format: "uri" },
        },
      },
    },
  },
});

const json = { "content-type": "application/json; charset=utf-8", "access-control-allow-origin": "*" };

/** The creation of a book with every parameter, valid by the specification except for `changes`. */
function creation(answer: object | string, changes: Partial<Exchange> = {}): Exchange {
  return {
    scenario: "a book is created",
    method: "POST",
    host: "library.twilio.com",
    url: "/v1/Books",
    requestHeaders: { "content-type": "application/x-www-form-urlencoded", "x-twilio-stamp": "true" },
    requestBody: "Title=Faust&Size=SMALL&Size=large",
    status: 201,
    headers: json,
    body: typeof answer === "string" ? answer : JSON.stringify(answer),
    ...changes,
  };
}

const ourBook = { ...book, sid: sid("b"), url: `https://library.twilio.com/v1/Books/${sid("b")}` };
const paperback = creation({ ...ourBook, binding: { type: "paper" } });
const removal = creation("", {
  method: "DELETE",
  url: `/v1/Books/${sid("b")}`,
  requestHeaders: {},
  requestBody: "",
  status: 204,
  headers: {},
});
const good = [creation(ourBook), paperback, removal];
const rejection = {
  code: 20404,
  message: "Not found",
  more_info: "https://www.twilio.com/docs/errors/20404",
  status: 404,
};

/** All findings, as "operation location: expected / got". */
function findings(exchanges: readonly Exchange[], deviations: readonly Deviation[] = []): string[] {
  const result = checkConformance(operations, exchanges, deviations);
  const found = [...result.operations.flatMap((operation) => operation.findings), ...result.findings];
  return found.map(
    ({ operation, location, expected, got }) => `${operation} ${location}: ${expected} / ${got}`,
  );
}

describe("the checker", () => {
  it("finds nothing in responses like the examples", () => {
    expect(findings(good)).toEqual([]);
  });

  it("accepts null only if the schema or an example has it", () => {
    expect(findings([...good, creation({ ...ourBook, binding: null })])).toEqual([]);
    expect(findings([...good, creation({ ...ourBook, pages: null })])).toEqual([
      "POST /v1/Books $.pages: type integer / null",
    ]);
  });

  it.each([
    ["a missing key", { title: undefined }, "$.title: a value / no such key"],
    ["an undeclared key", { isbn: "3150000017" }, "$.isbn: no such key / 3150000017"],
    ["a wrong type", { pages: "464" }, "$.pages: type integer / 464"],
    ["a SID of another kind", { sid: `CH${"a".repeat(32)}` }, "$.sid: pattern ^BK[0-9a-fA-F]{32}$ / CHaaa"],
    [
      "a date in another format",
      { date_created: "16.12.2015" },
      "$.date_created: format date-time / 16.12.2015",
    ],
    [
      "a key that no example has",
      { binding: { type: "paper", weight: 1 } },
      "$.binding.weight: no such key / 1",
    ],
    ["a key that every example has", { binding: {} }, "$.binding.type: a value / no such key"],
    ["a type that no example has", { binding: { type: 7 } }, "$.binding.type: type string / 7"],
    ["a URL of another resource", { url: "https://library.twilio.com/v1/Authors" }, "$.url: pattern "],
  ])("reports %s", (_, change, expected) => {
    const [found = "", ...others] = findings([...good, creation({ ...ourBook, ...change })]);
    expect(found.slice(0, `POST /v1/Books ${expected}`.length)).toBe(`POST /v1/Books ${expected}`);
    expect(others).toEqual([]);
  });

  it.each([
    ["a status that the specification lacks", { status: 200 }, "status: 201 / 200"],
    ["a body that is no JSON", { body: "<html>" }, "$: JSON / <html>"],
    [
      "another content type",
      { headers: { ...json, "content-type": "text/html" } },
      "Content-Type: application/json / text/html",
    ],
    [
      "a missing header",
      { headers: { "content-type": "application/json" } },
      "Access-Control-Allow-Origin: a header / none",
    ],
    [
      "a parameter that the specification lacks",
      { url: "/v1/Books?Colour=red" },
      "query Colour: no such parameter / sent",
    ],
  ])("reports %s", (_, change, expected) => {
    expect(findings([...good, creation(ourBook, change)])).toEqual([`POST /v1/Books ${expected}`]);
  });

  it("reports values that are not returned as sent, in any notation", () => {
    const sent = (field: string, change: object) =>
      findings([
        ...good,
        creation({ ...ourBook, ...change }, { requestBody: `Title=Faust&Size=small&Size=large&${field}` }),
      ]).filter((finding) => finding.includes("as sent"));
    expect(sent("DateCreated=2026-01-05T10:00:00.000Z", { date_created: "2026-01-05T10:00:00Z" })).toEqual(
      [],
    );
    expect(sent("Binding.Type=LEATHER", {})).toEqual([]);
    expect(sent("Lent=null", {})).toEqual([]);
    expect(sent("Subject=Devils", {})).toEqual([]);
    expect(sent("Binding.Type=paper", {})).toEqual([
      'POST /v1/Books $.binding.type: paper, as sent / "leather"',
    ]);
  });

  it("reports an unexpected body", () => {
    const answer = { ...removal, body: "{}", headers: json };
    expect(findings([...good, answer])).toEqual([
      "DELETE /v1/Books/{Sid} Content-Type: none / application/json; charset=utf-8",
      "DELETE /v1/Books/{Sid} $: no body / {}",
    ]);
  });

  it("accepts rejections with Twilio's error body, and reports others", () => {
    const refused = (body: object, status = 404) => findings([...good, creation(body, { status })]);
    expect(refused(rejection)).toEqual([]);
    expect(refused({ ...rejection, detail: "More" })).toEqual([]);
    expect(refused({ ...rejection, status: 400 })).toEqual([
      "POST /v1/Books $.status: the status of the answer / 400",
    ]);
    expect(refused({ error: "Not found" })).toHaveLength(5);
    expect(refused({ ...rejection, status: 500 }, 500)).toEqual([
      "POST /v1/Books status: a status of Twilio's errors / 500",
    ]);
  });

  it("reports an operation that was not called, always rejected, or not emulated", () => {
    const rest = good.filter(({ method }) => method !== "DELETE");
    const answers = (status: number) => ({
      ...removal,
      status,
      headers: json,
      body: JSON.stringify({ ...rejection, status }),
    });
    expect(findings(rest)).toEqual([
      "DELETE /v1/Books/{Sid} requests: at least one / in the spec, not called",
    ]);
    expect(findings([...rest, answers(404)])).toEqual([
      "DELETE /v1/Books/{Sid} requests: one that succeeds / errors only",
    ]);
    expect(findings([...rest, answers(501)])).toEqual([
      "DELETE /v1/Books/{Sid} status: an answer / 501 not emulated",
    ]);
  });

  it("reports a request that was accepted without a required parameter", () => {
    expect(findings([...good, creation(ourBook, { requestBody: "Size=small" })])).toEqual([
      "POST /v1/Books body Title: to be required / accepted without it",
    ]);
  });

  it("reports a parameter that was never sent with success", () => {
    const without = good.map((exchange) => ({ ...exchange, requestBody: "" }));
    const refused = creation(rejection, { status: 404 });
    expect(findings([...without, refused])).toEqual([
      "POST /v1/Books body Title: to be required / accepted without it",
      "POST /v1/Books body Title: to be sent in the run / never sent",
      "POST /v1/Books body Size: to be sent in the run / never sent",
    ]);
  });

  it("reports an enumeration value that was never accepted", () => {
    const small = { requestBody: "Title=Faust&Size=small" };
    const sent = good.map((exchange) => (exchange === removal ? exchange : { ...exchange, ...small }));
    expect(findings([...sent, creation(rejection, { status: 404 })])).toEqual([
      "POST /v1/Books body Size=large: to be accepted in the run / never accepted",
    ]);
  });

  it("reports an example that no response resembles", () => {
    expect(findings([creation(ourBook), removal])).toEqual([
      "POST /v1/Books example createPaperback: an answer 201 with its keys / at best +binding.colour",
    ]);
  });

  it("reports a request outside of the specification, only for its products", () => {
    const outside = creation(rejection, { url: "/v1/Authors", status: 404 });
    expect(findings([...good, outside])).toEqual([
      " POST https://library.twilio.com/v1/Authors: an operation of the specification / none",
    ]);
    expect(findings([...good, { ...outside, host: "museum.twilio.com" }])).toEqual([]);
  });

  it("ignores a deliberate deviation, and reports an unused one", () => {
    const deviation = {
      product: "library",
      operation: "POST /v1/Books",
      location: "$.isbn",
      reason: "we like it",
    };
    expect(findings([...good, creation({ ...ourBook, isbn: "1" })], [deviation])).toEqual([]);
    expect(findings(good, [deviation])).toEqual([
      " deviation at POST /v1/Books $.isbn: a difference to explain / none: take it off the list",
    ]);
    expect(findings(good, [{ ...deviation, product: "museum" }])).toEqual([]);
  });

  it("names the scenarios of a finding, once each", () => {
    const bad = creation({ ...ourBook, pages: "1" });
    const { operations: results } = checkConformance(
      operations,
      [...good, bad, bad, { ...bad, scenario: "another" }],
      [],
    );
    const found = results.flatMap((result) => result.findings);
    expect(found.map(({ scenarios }) => scenarios)).toEqual([["a book is created", "another"]]);
  });
});
