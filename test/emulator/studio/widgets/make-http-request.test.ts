import { createHash } from "node:crypto";
import { validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { contextOf, run, state, stepsOf } from "../flow.ts";

const fixture = useAccount();

describe("make-http-request", () => {
  const request = (properties: Record<string, unknown>) =>
    state("call", "make-http-request", properties, { success: undefined, failed: undefined });
  const parameters = [{ key: "q", value: "a&b" }];

  it("posts JSON with its digest in the signed URL, and parameters in the query", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const body = '{"name":"{{flow.data.name}}"}';
    const content_type = "application/json;charset=utf-8";
    await run(
      account,
      { name: "Ann" },
      request({ method: "POST", url: receiver.url, content_type, body, parameters }),
    );
    const [got] = receiver.received;
    expect(got?.body).toBe('{"name":"Ann"}');
    const url = new URL(`${receiver.url}${got?.url}`);
    expect(url.searchParams.get("q")).toBe("a&b");
    expect(url.searchParams.get("bodySHA256")).toBe(
      createHash("sha256").update('{"name":"Ann"}').digest("hex"),
    );
    const signature = String(got?.headers["x-twilio-signature"]);
    expect(validateRequest(account.emulator.authToken, signature, url.href, {})).toBe(true);
  });

  it("posts a form, removes credentials from the URL, and follows a redirect", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((given, response) =>
      given.url === "/there"
        ? response.end("arrived")
        : response.writeHead(302, { Location: "/there" }).end(),
    );
    const url = receiver.url.replace("://", "://user:secret@");
    const content_type = "application/x-www-form-urlencoded;charset=utf-8";
    const flowSid = await run(account, {}, request({ method: "POST", url, content_type, parameters }));
    const [form, got] = receiver.received;
    expect(form?.fields.get("q")).toBe("a&b");
    expect(form?.headers.authorization).toBe(`Basic ${Buffer.from("user:secret").toString("base64")}`);
    expect(got?.method).toBe("GET");
    expect((await contextOf(account, flowSid)).widgets?.call).toMatchObject({
      body: "arrived",
      status_code: 200,
    });
  });

  it("adds Twilio's credentials for Twilio's APIs alone: elsewhere it fails without a request", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const flowSid = await run(
      account,
      {},
      request({ method: "GET", url: receiver.url, add_twilio_auth: true }),
    );
    expect(await stepsOf(account, flowSid)).toContain("call: failed > Ended");
    expect(receiver.received).toEqual([]);
  });
});
