import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { bundleFile, endpoints, filesFunctionFolder, targetsOf } from "../../../infra/endpoints.ts";
import { role } from "../../../tools/local/lambda/aws-signature.ts";
import { credentials } from "../../support/credentials.ts";
import { LambdaRuntime, runtimeClient } from "../../support/lambda-runtime.ts";

const client = runtimeClient();
if (client === undefined)
  process.stderr.write(
    "The bundles run under a loop instead of AWS's runtime interface client: npm install --no-save aws-lambda-ric\n",
  );

const variables = {
  ...credentials,
  ...role,
  WHATSAPP_PROXY_ADDRESS: "whatsapp:+15558675310",
  PROXY_ADDRESSES: "+15017122661",
  EVENT_QUEUE_URL: "http://127.0.0.1:1/123456789012/events.fifo",
  CONVERSATION_RESPONDER: '{"defaultText":"Hello"}',
};

/** An HTTP API's event, without credentials. */
const eventFor = (path: string, method = "POST") => ({
  version: "2.0",
  routeKey: `${method} ${path}`,
  rawPath: path,
  rawQueryString: "",
  headers: { host: "api.example", "content-type": "application/json" },
  requestContext: { domainName: "api.example", http: { method, path }, requestId: "1" },
  ...(method === "POST" && { body: "{}" }),
  isBase64Encoded: false,
});

describe(`under ${client === undefined ? "a loop with the same protocol" : "AWS's runtime interface client"}`, () => {
  async function invoke(folder: string, event: object): Promise<unknown> {
    const runtime = await LambdaRuntime.start({ folder, variables }, client);
    try {
      return await runtime.invoke(event);
    } finally {
      await runtime.stop();
    }
  }

  it.concurrent.each(endpoints().map((endpoint) => [endpoint.name, endpoint] as const))(
    "%s starts and rejects a caller without credentials",
    async (name, endpoint) => {
      const result = await invoke(dirname(bundleFile(endpoint, "lambda")), eventFor(`/${name}`));
      // Disabled without users.
      expect(result).toMatchObject({ statusCode: name === "token-service" ? 404 : 401 });
    },
    240_000,
  );

  it.concurrent.each(endpoints().filter((endpoint) => targetsOf(endpoint).includes("consumer")))(
    "the consumer of $name starts, and reports what is no event as failed",
    async (endpoint) => {
      const Records = [{ messageId: "1", body: "{}", attributes: { MessageGroupId: "CH1" } }];
      const result = await invoke(dirname(bundleFile(endpoint, "consumer")), { Records });
      expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
    },
    240_000,
  );

  it("the static files are served", async () => {
    expect(await invoke(filesFunctionFolder, eventFor("/", "GET"))).toMatchObject({
      statusCode: 200,
      headers: { "Content-Type": "text/html; charset=utf-8" },
      body: expect.stringContaining("<h1>Parley</h1>"),
    });
  }, 240_000);
});
