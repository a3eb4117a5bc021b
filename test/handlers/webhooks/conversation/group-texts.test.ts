import { describe, expect, it } from "vitest";
import { member, projection } from "../../../emulator/support/outbound.ts";
import { TWICE_AT_ONCE } from "../../../support/faults.ts";
import { platforms } from "../../../support/platforms.ts";
import { useSystem } from "../../../support/system.ts";

const [ANN, BOB] = ["+15558675310", "+15558675311"];
const HOURS = "We are here from nine to five.";
const SETTINGS = { author: "helper", answers: [{ keywords: ["hours"], text: HOURS }] };

describe.each(platforms)("webhooks/conversation in a group text on $name", (platform) => {
  const system = useSystem(platform, { CONVERSATION_RESPONDER: JSON.stringify(SETTINGS) });

  it.each([undefined, "agent"])(
    "answers as the account's number in the group (identity: %s)",
    async (identity) => {
      const { account, url } = system.current;
      const { smsNumber } = account.emulator;
      const conversation = await account.conversation();
      for (const one of [projection(smsNumber, identity), member(ANN), member(BOB)]) {
        await conversation.participants.create(one);
      }
      await conversation.webhooks.create({
        target: "webhook",
        "configuration.url": `${url}/webhooks/conversation`,
        "configuration.method": "post",
        "configuration.filters": ["onMessageAdded"],
      });
      await system.current.injectIntoWebhooks({}, TWICE_AT_ONCE);
      await account.send(ANN, "", { to: [smsNumber, BOB], body: "What are your hours?" });
      await system.current.settle();
      expect(await account.inbox(BOB)).toMatchObject([
        { from: ANN, body: "What are your hours?" },
        { from: smsNumber, recipients: [ANN], body: HOURS },
      ]);
      expect((await conversation.messages.list()).map(({ author }) => author)).toEqual([
        ANN,
        identity ?? smsNumber,
      ]);
    },
  );
});
