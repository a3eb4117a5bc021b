import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCourierDemo } from "../../tools/local/courier-demo.ts";
import { accessTokenPayload, callerToken, credentials } from "../support/credentials.ts";
import { postJson } from "../support/http.ts";
import { platforms } from "../support/platforms.ts";
import { System } from "../support/system.ts";

describe.each(platforms)(
  "the courier demo of the WhatsApp guide, through the bundles on $name",
  (platform) => {
    let system: System;

    beforeAll(async () => {
      // URLs without a service, as in a deployment that uses the account's default service.
      system = await System.start(platform, { CHAT_SERVICE_SID: "" });
    });
    afterAll(() => system.stop());

    it("follows the guide, step by step", async () => {
      const lines: string[] = [];
      const conversationSid = await runCourierDemo({
        emulator: system.account.emulator.info,
        functionsUrl: system.url,
        bearerToken: await callerToken({ sub: "delivery service", scope: "conversations:write" }),
        print: (line) => lines.push(line),
        settle: () => system.settle(),
      });
      const transcript = lines
        .join("\n")
        .replace(/\d+ ms/g, "N ms")
        .replace(/HX[0-9a-f]{32}/g, "HX…")
        .replaceAll(conversationSid, "CH…")
        // On Lambda it is queued, and the phones show that it was handled.
        .replace("200 queued", "200 connected");
      expect(transcript).toMatchInlineSnapshot(`
        "Two templates, approved by WhatsApp
          HX… for the customer, HX… for the courier

        The delivery service calls POST /whatsapp/opt-in
          invited: CH…, N ms
          Robert, the customer reads  “Hello Robert, your food delivery is almost there but Alicia (your rider) needs help finding your door. Are you willing to chat with them?”  [Yes, sure] [No, thanks]

        Robert presses the button
          webhook  onMessageAdded → /whatsapp/opt-in-reply  200 connected, N ms
          Robert, the customer sends  “Yes, sure”
          Robert, the customer reads  “Great! Just a moment while we connect you…”
          Alicia, the courier  reads  “Your customer has agreed to chat over WhatsApp to get this delivery sorted. You're now connected. Say hello!”

        Alicia says hello, and Robert answers: no handler is involved any more
          Robert, the customer reads  “Hi Robert, I am at the blue door. Is it the second floor?”
          Robert, the customer sends  “Third floor, on the left. Thank you!”
          Alicia, the courier  sends  “Hi Robert, I am at the blue door. Is it the second floor?”
          Alicia, the courier  reads  “Third floor, on the left. Thank you!”
        "
      `);
    });
  },
);

describe.each(platforms)("an access token, through the bundles on $name", (platform) => {
  it("is accepted by the emulator", async () => {
    const system = await System.start(platform);
    const { apiKeySecret, chatServiceSid, controlUrl } = system.account.emulator;
    const deployment = await platform.start({
      ACCOUNT_SID: system.account.emulator.accountSid,
      TWILIO_API_KEY_SID: system.account.emulator.apiKeySid,
      TWILIO_API_KEY_SECRET: apiKeySecret,
      CHAT_SERVICE_SID: chatServiceSid,
      JWT_SECRET: credentials.JWT_SECRET,
    });
    const authorization = `Bearer ${await callerToken({ sub: "alice" })}`;
    const { body } = await postJson(`${deployment.url}/token`, {}, { authorization });
    const token = String(body.token);
    expect((await accessTokenPayload(token, apiKeySecret)).grants.identity).toBe("alice");
    expect(await postJson(`${controlUrl}/tokens`, { token })).toMatchObject({
      status: 200,
      body: { valid: true, identity: "alice", serviceSid: chatServiceSid, expiresAt: body.expiresAt },
    });
    await Promise.all([deployment.stop(), system.stop()]);
  });
});
