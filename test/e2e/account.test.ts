import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TwilioApi } from "../../infra/account/api.ts";
import { Context } from "../../infra/account/context.ts";
import { readAccount } from "../../infra/account/file.ts";
import { apply } from "../../infra/account/plan.ts";
import { root } from "../../infra/endpoints.ts";
import { platforms } from "../support/platforms.ts";
import { useSystem } from "../support/system.ts";

const CUSTOMER = "+15558675310";
const STRANGER = "+15558675311";

describe.each(platforms)("the default account file on $name", (platform) => {
  const system = useSystem(platform, {
    PRE_EVENT_RULES: JSON.stringify({ blockedWords: ["darn"] }),
    POST_EVENT_REACTIONS: JSON.stringify({
      newConversation: { agent: { identity: "alice" }, welcome: "Hello! Alice will be with you." },
    }),
  });

  it("makes inbound texts create conversations that are routed, greeted and moderated", async () => {
    const { account, url } = system.current;
    const { emulator } = account;
    const settings = {
      ACCOUNT_SID: emulator.accountSid,
      AUTH_TOKEN: emulator.authToken,
      CHAT_SERVICE_SID: emulator.chatServiceSid,
      TWILIO_BASE_URL: emulator.url,
      PUBLIC_BASE_URL: url,
      PROXY_ADDRESSES: emulator.smsNumber,
    };
    const { account: file } = readAccount(join(root, "infra/account/account.json"), settings, undefined);
    const options = { variables: settings, prune: false, resendSecrets: false };
    const newContext = () => new Context(new TwilioApi(settings), options);
    const conduct = { agreed: new Set<string>(), report: () => {}, shouldStop: () => false };
    expect(await apply(file, newContext, conduct)).toBeGreaterThan(0);

    const { conversationSid } = await account.send(CUSTOMER, emulator.smsNumber, "Where is my order?");
    await system.current.settle();
    const conversation = account.conversations(String(conversationSid));
    const participants = await conversation.participants.list();
    expect(participants.map(({ identity }) => identity)).toContain("alice");
    expect(await system.current.received(CUSTOMER)).toEqual(["Hello! Alice will be with you."]);

    await account.send(CUSTOMER, emulator.smsNumber, "Hurry up, darn it");
    await system.current.settle();
    const messages = await conversation.messages.list();
    expect(messages.map(({ body }) => body)).toEqual([
      "Where is my order?",
      "Hello! Alice will be with you.",
    ]);

    await account.send(STRANGER, emulator.smsNumber, "darn");
    await system.current.settle();
    expect(await account.conversations.list()).toHaveLength(1);
  });
});
