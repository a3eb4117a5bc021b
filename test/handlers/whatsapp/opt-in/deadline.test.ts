import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Call } from "../../../../core/call.ts";
import { readGatewayEvent } from "../../../../core/platforms/gateway-event.ts";
import { toRequest } from "../../../../core/platforms/lambda.ts";
import optIn from "../../../../handlers/whatsapp/opt-in.ts";
import { courierInput } from "../../../support/courier.ts";
import { bearer } from "../../../support/credentials.ts";
import { SEND_MESSAGE, UNANSWERED } from "../../../support/faults.ts";
import { awsLambda } from "../../../support/platforms.ts";
import { System } from "../../../support/system.ts";

describe("whatsapp/opt-in at its deadline", () => {
  let system: System;
  beforeEach(async () => {
    system = await System.start(awsLambda);
  });
  afterEach(() => system.stop());

  it("still has time to undo its changes", async () => {
    const { emulator } = system.account;
    const environment = {
      ACCOUNT_SID: emulator.accountSid,
      AUTH_TOKEN: emulator.authToken,
      CHAT_SERVICE_SID: emulator.chatServiceSid,
      TWILIO_BASE_URL: emulator.url,
      WHATSAPP_PROXY_ADDRESS: emulator.whatsappNumber,
      JWT_SECRET: "the secret of the issuer of callers' tokens",
    };
    const headers = await bearer({ sub: "service", scope: "conversations:write" });
    const event = {
      version: "2.0",
      routeKey: "POST /whatsapp/opt-in",
      rawPath: "/whatsapp/opt-in",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(await courierInput(system)),
      requestContext: { http: { method: "POST" }, domainName: "example.com" },
    };
    await system.inject(SEND_MESSAGE, UNANSWERED);
    const handler = optIn.open(environment, () => undefined, "whatsapp/opt-in");
    // Half a second for the work, and the reserve after it.
    const answer = await handler.answer(
      toRequest(readGatewayEvent(event), environment),
      new Call("r1", Date.now() + 3_000),
    );
    expect(answer).toMatchObject({ status: 504, body: { code: "outcome_unknown" } });
    expect(await system.account.conversations.list()).toEqual([]);
    await system.clearFaults();
  });
});
