import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../infra/endpoints.ts";
import { FUNCTIONS } from "../../infra/template/functions.ts";
import { fillFrame, lambdaFunctions, makeTemplate, templateFile } from "../../infra/template/template.ts";

const frame = readFileSync(join(root, "infra/template/frame.yaml"), "utf8");

describe("infra/template.yaml", () => {
  it("is up to date: run `npm run template` after a change of an endpoint or of infra/template", async () => {
    expect(readFileSync(templateFile, "utf8")).toBe(await makeTemplate());
  });

  it("describes a function by the first sentence of its endpoint's page", async () => {
    const close = (await lambdaFunctions(FUNCTIONS)).find(({ name }) => name === "conversations/close");
    expect(close?.description).toBe("Closes a conversation for good, which frees its number pairs.");
  });

  it("sets a variable that one function reads for that function only", async () => {
    const template = await makeTemplate();
    expect(template.match(/ PROXY_ADDRESSES: /g)).toHaveLength(1);
    const connect = /\n {2}ConversationsConnectFunction:\n[\s\S]*?\n\n/.exec(template)?.[0];
    expect(connect).toContain("PROXY_ADDRESSES: !Ref ProxyAddresses\n");
  });

  it("gives functions a role by who may call them, and those with a queue one of their own", async () => {
    const functions = await lambdaFunctions(FUNCTIONS);
    const roleOf = (name: string) => functions.find((one) => one.name === name)?.role;
    expect(roleOf("token")).toBe("WebPageRole");
    expect(roleOf("token-service")).toBe("WebPageRole");
    expect(roleOf("webhooks/pre-event")).toBe("WebhookRole");
    expect(roleOf("conversations/send")).toBe("BackEndRole");
    const queued = functions.filter(
      ({ takesFrom, sendsTo }) => takesFrom !== undefined || sendsTo !== undefined,
    );
    expect(new Set(queued.map(({ role }) => role)).size).toBe(queued.length);
    const template = await makeTemplate();
    const roles = template.match(/\n {4}Type: AWS::IAM::Role\n/g) ?? [];
    // One reads no secret: that of the static files.
    expect(roles).toHaveLength(4 + queued.length);
    expect(template.match(/Action: kms:Decrypt/g)).toHaveLength(roles.length - 1);
    expect(template.match(/Action: sqs:SendMessage/g)).toHaveLength(
      queued.filter(({ sendsTo }) => sendsTo !== undefined).length,
    );
  });

  it("limits webhooks, tokens and passwords separately", async () => {
    const template = await makeTemplate();
    const limitOf = (route: string) =>
      Number(new RegExp(`"${route}":\\n.*\\n.*\\n +ThrottlingRateLimit: (\\d+)`).exec(template)?.[1]);
    expect(limitOf("POST /webhooks/post-event")).toBeGreaterThan(100);
    expect(limitOf("POST /webhooks/pre-event")).toBeGreaterThan(100);
    expect(limitOf("POST /token")).toBeLessThan(100);
    for (const method of ["GET", "POST", "OPTIONS"]) expect(limitOf(`${method} /token-service`)).toBe(5);
    expect(limitOf("POST /conversations/send")).toBeNaN();
  });

  it("allows only TLS for every queue", async () => {
    const template = await makeTemplate();
    const queues = [...template.matchAll(/\n {2}(\w+):\n {4}Type: AWS::SQS::Queue\n/g)].map(
      ([, name]) => name,
    );
    const covered = [...template.matchAll(/Queues: \[!Ref (\w+), !Ref (\w+)\]/g)].flatMap(
      ([, ...names]) => names,
    );
    expect(queues.length).toBeGreaterThan(0);
    expect(covered.sort()).toEqual(queues.sort());
  });

  it.each([
    [
      "settings without an endpoint",
      () => lambdaFunctions({ ...FUNCTIONS, tokens: { statements: [] } }),
      "there is no endpoint tokens",
    ],
    [
      "a variable without a parameter",
      async () => fillFrame(frame.replaceAll("ProxyAddresses:", "Others:"), await lambdaFunctions(FUNCTIONS)),
      "add a parameter ProxyAddresses for PROXY_ADDRESSES, which conversations/connect reads",
    ],
    [
      "a frame without a marker for the limits of the routes",
      async () => fillFrame(frame.replace("# Generated route", "#"), await lambdaFunctions(FUNCTIONS)),
      "route settings",
    ],
    [
      "a frame without a marker for the generated part",
      async () => fillFrame(frame.replace("# Generated functions", "#"), await lambdaFunctions(FUNCTIONS)),
      "has no line",
    ],
  ])("names %s", async (_what, make, message) => {
    await expect(make()).rejects.toThrow(message);
  });
});
