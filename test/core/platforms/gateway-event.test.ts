import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { readGatewayEvent } from "../../../core/platforms/gateway-event.ts";
import * as lambda from "../../../core/platforms/lambda.ts";
import find from "../../../handlers/conversations/find.ts";
import { credentials } from "../../support/credentials.ts";

const NAME = "conversations/find";
const BODY = "uniqueName=order-7";
const FORM = "application/x-www-form-urlencoded";

/** An event of a REST API, or of an HTTP API with payload format 1.0. */
const rest = (parts: object = {}, context: object = {}) => ({
  resource: `/${NAME}`,
  path: `/${NAME}`,
  httpMethod: "POST",
  headers: { "Content-Type": FORM, Host: "api.example.com" },
  multiValueHeaders: { "Content-Type": [FORM], Host: ["api.example.com"] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  body: BODY,
  isBase64Encoded: false,
  requestContext: {
    domainName: "api.example.com",
    path: `/prod/${NAME}`,
    resourcePath: `/${NAME}`,
    requestId: "g1",
    ...context,
  },
  ...parts,
});

const balancer = (parts: object = {}) => ({
  requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/1" } },
  httpMethod: "POST",
  path: `/${NAME}`,
  queryStringParameters: {},
  headers: { "content-type": FORM, host: "chat.example.com", "x-forwarded-proto": "https" },
  body: BODY,
  isBase64Encoded: false,
  ...parts,
});

/** The same event with all headers as lists. */
const withLists = ({ headers, queryStringParameters: _, ...event }: ReturnType<typeof balancer>) => ({
  ...event,
  multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  multiValueQueryStringParameters: {},
});

const toRequest = (event: unknown, environment: Record<string, string>) =>
  lambda.toRequest(readGatewayEvent(event), environment);

describe("readGatewayEvent", () => {
  const http = (parts: object = {}, context: object = {}) => ({
    version: "2.0",
    routeKey: `POST /${NAME}`,
    rawPath: `/prod/${NAME}`,
    rawQueryString: "a=%20b",
    headers: { "Content-Type": FORM, "x-list": "1,2", "x-none": null },
    body: BODY,
    isBase64Encoded: true,
    requestContext: { http: { method: "post" }, domainName: "api.example.com", requestId: "g1", ...context },
    ...parts,
  });

  it("reads an event of format 2.0", () => {
    expect(readGatewayEvent(http())).toEqual({
      headers: new Map([
        ["content-type", FORM],
        ["x-list", "1,2"],
      ]),
      body: BODY,
      isBase64Encoded: true,
      requestId: "g1",
      wantsLists: false,
      method: "POST",
      query: "a=%20b",
      path: `/prod/${NAME}`,
      route: `/${NAME}`,
      host: "api.example.com",
    });
  });

  it.each([
    ["$default", undefined],
    ["", `/prod/${NAME}`],
    [undefined, `/prod/${NAME}`],
  ])("takes the route of the key %j as %j", (routeKey, route) => {
    expect(readGatewayEvent(http({ routeKey }))?.route).toBe(route);
  });

  it("takes nothing that is not text for text", () => {
    const odd = { body: 1, rawQueryString: ["a"], isBase64Encoded: "true", headers: undefined };
    const read = readGatewayEvent(http(odd, { requestId: 7, domainName: null, http: {} }));
    const nothing = { body: "", query: "", host: "", method: "", requestId: undefined };
    expect(read).toMatchObject({ ...nothing, isBase64Encoded: false, headers: new Map() });
  });

  it("reads the same of format 1.0 and of a load balancer", () => {
    const common = { method: "POST", body: BODY, isBase64Encoded: false, query: "" };
    expect(readGatewayEvent({ ...rest(), version: "1.0", httpMethod: "post" })).toMatchObject({
      ...common,
      path: `/prod/${NAME}`,
      route: `/${NAME}`,
      host: "api.example.com",
      requestId: "g1",
      wantsLists: false,
    });
    expect(readGatewayEvent(rest({}, { path: undefined, resourcePath: undefined }))).toMatchObject({
      path: `/${NAME}`,
      route: `/${NAME}`,
    });
    const single = {
      ...common,
      path: `/${NAME}`,
      route: undefined,
      host: "chat.example.com",
      wantsLists: false,
    };
    expect(readGatewayEvent(balancer())).toMatchObject(single);
    const lists = { multiValueHeaders: { Host: ["a.example.com"] }, headers: undefined };
    expect(readGatewayEvent(balancer(lists))).toMatchObject({ host: "a.example.com", wantsLists: true });
    expect(readGatewayEvent(balancer({ headers: {} }))).toMatchObject({ host: "" });
  });

  it.each([
    [null],
    ["text"],
    [{}],
    [{ requestContext: null }],
    [{ requestContext: "text" }],
    [{ Records: [{ body: "{}" }] }],
    [{ version: "2.0", requestContext: {} }],
    [{ version: "1.0", requestContext: { http: { method: "POST" } } }],
    [{ httpMethod: 1, requestContext: { elb: {} } }],
  ])("is undefined for %j", (event) => expect(readGatewayEvent(event)).toBeUndefined());
});

describe("toRequest", () => {
  it.each([
    ["a REST API's stage", rest(), "https://api.example.com/prod/", "https://api.example.com/prod"],
    [
      "the base path of a custom domain",
      rest({ path: `/chat/${NAME}` }, { path: `/chat/${NAME}`, domainName: "www.example.com" }),
      "https://www.example.com/chat/",
      "https://www.example.com/chat",
    ],
    [
      "an HTTP API with payload format 1.0",
      rest({ version: "1.0" }, { path: `/${NAME}` }),
      "https://api.example.com/",
      "https://api.example.com",
    ],
    ["a load balancer", balancer(), "https://chat.example.com/", undefined],
    [
      "a load balancer with multi-value headers",
      withLists(balancer()),
      "https://chat.example.com/",
      undefined,
    ],
  ])("rebuilds the called URL behind %s", (_what, event, prefix, publicBaseUrl) => {
    expect(toRequest(event, {})).toMatchObject({
      method: "POST",
      url: `${prefix}${NAME}`,
      publicBaseUrl,
      fields: { uniqueName: "order-7" },
    });
  });

  it("reads repeated parameters and headers from the multi-value fields", () => {
    const event = rest({
      multiValueHeaders: { "Content-Type": [FORM], Accept: ["text/html", "application/json"] },
      multiValueQueryStringParameters: { tag: ["a b", "ü"], empty: [""] },
    });
    const request = toRequest(event, {});
    expect(request.headers.get("accept")).toBe("text/html,application/json");
    expect(request.fields).toMatchObject({ tag: ["a b", "ü"], empty: "" });
  });

  it("decodes a load balancer's parameters, which arrive encoded", () => {
    const event = balancer({ queryStringParameters: { name: "a%20b%2Bc" } });
    const request = toRequest(event, {});
    expect(request.raw?.query).toBe("name=a%20b%2Bc");
    expect(request.fields).toMatchObject({ name: "a b+c" });
  });

  it("never redirects to the Host header that a load balancer's caller sends", () => {
    const event = balancer({ headers: { "content-type": FORM, host: "evil.example.com" } });
    expect(toRequest(event, {}).publicBaseUrl).toBeUndefined();
    const PUBLIC_BASE_URL = "https://chat.example.com";
    expect(toRequest(event, { PUBLIC_BASE_URL })).toMatchObject({
      url: `https://chat.example.com/${NAME}`,
      publicBaseUrl: PUBLIC_BASE_URL,
    });
  });
});

describe("a handler", () => {
  const handler = lambda.lambdaHandler(
    find,
    NAME,
    { ...credentials, TWILIO_BASE_URL: "http://127.0.0.1:1" },
    () => {},
  );
  const context = { awsRequestId: "r1", getRemainingTimeInMillis: () => 1_200 };
  const call = (event: object) => handler(event as never, context as never);
  const query = "?carried=eyJhIjoiYiJ9.c-_d&name=Grace%20Hopper";
  const signed = (url: string) =>
    getExpectedTwilioSignature(credentials.AUTH_TOKEN, url, { uniqueName: "order-7" });
  const parameters = { carried: ["eyJhIjoiYiJ9.c-_d"], name: ["Grace Hopper"] };

  it.each([
    [
      "a REST API",
      (signature: string) =>
        rest({
          multiValueHeaders: { "Content-Type": [FORM], "X-Twilio-Signature": [signature] },
          multiValueQueryStringParameters: parameters,
        }),
      `https://api.example.com/prod/${NAME}${query}`,
    ],
    [
      "a load balancer",
      (signature: string) =>
        balancer({
          headers: { "content-type": FORM, host: "chat.example.com", "x-twilio-signature": signature },
          queryStringParameters: { carried: "eyJhIjoiYiJ9.c-_d", name: "Grace%20Hopper" },
        }),
      `https://chat.example.com/${NAME}${query}`,
    ],
  ])("behind %s accepts only requests signed by Twilio", async (_what, event, url) => {
    const answer = await call(event(signed(url)));
    // Access is granted; the fields are then rejected.
    expect(answer).toMatchObject({
      statusCode: 400,
      body: expect.stringContaining("carried is not a field"),
    });
    expect(await call(event(signed(`${url}x`)))).toMatchObject({
      statusCode: 403,
      body: expect.stringContaining("invalid_signature"),
    });
  });

  it("answers a load balancer with multi-value headers in multiValueHeaders only", async () => {
    const answer = await call(withLists(balancer()));
    expect(answer).toMatchObject({
      statusCode: 401,
      multiValueHeaders: { "Content-Type": ["application/json"] },
    });
    expect(answer).not.toHaveProperty("headers");
  });
});
