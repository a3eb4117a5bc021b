import { describe, expect, it } from "vitest";
import { platforms } from "../../../support/platforms.ts";
import {
  answersAtOnce,
  attended,
  CLOSED,
  CUSTOMER_TEXT,
  deliver,
  HOURS,
  results,
  SETTINGS,
} from "../../../support/responder.ts";
import { CUSTOMER, useSystem } from "../../../support/system.ts";

describe.each(platforms)("webhooks/conversation on $name, with opening hours", (platform) => {
  const settings = {
    answers: SETTINGS.answers,
    handOver: {
      ...SETTINGS.handOver,
      identities: undefined,
      agent: { rule: "least-recent", agents: ["alice", "bob"] },
    },
    openingHours: {
      timeZone: "Europe/Berlin",
      week: { mon: ["09:00-17:00"], tue: ["09:00-17:00"], wed: ["09:00-17:00"] },
      holidays: ["2026-01-06"],
      closedText: CLOSED,
    },
    answerChatUsers: true,
  };
  const system = useSystem(platform, { CONVERSATION_RESPONDER: JSON.stringify(settings) });
  const HOUR = 3_600_000;
  const opens = Date.parse("2026-01-05T08:00:00Z");

  it("sends the closed message once in each closed period, and adds no agent", async () => {
    await system.current.clear(opens - HOUR);
    const { conversation } = await attended(system.current);
    for (const body of ["Hello?", "agent", "hours"]) await system.current.send(CUSTOMER, body);
    expect(await system.current.received(CUSTOMER)).toEqual([CLOSED, HOURS]);
    await system.current.account.emulator.advance(HOUR);
    await system.current.send(CUSTOMER, "Hello?");
    expect((await results(system.current)).at(-1)).toBe("ignored: no_answer");
    await system.current.account.emulator.advance(8 * HOUR);
    await system.current.send(CUSTOMER, "Hello?");
    // The whole holiday belongs to the same period.
    await system.current.account.emulator.advance(20 * HOUR);
    await system.current.send(CUSTOMER, "Hello?");
    expect(await system.current.received(CUSTOMER)).toEqual([CLOSED, HOURS, CLOSED]);
    expect(await conversation.participants.list()).toHaveLength(1);
  });

  it("sends it once, also for several concurrent messages", async () => {
    await system.current.clear(opens - HOUR);
    const bodies = ["Hello?", "Anybody?", "agent"];
    expect(await answersAtOnce(system.current, bodies, new Date(opens - HOUR))).toEqual([CLOSED]);
  });

  it("hands over during opening hours, judged by the time of the message", async () => {
    await system.current.clear(opens + 8 * HOUR - 1_000);
    const { conversation } = await attended(system.current);
    const letPass = await system.current.holdWebhooks();
    await system.current.say(CUSTOMER, "agent");
    await system.current.account.control("POST", "/clock/advance", { duration: "PT2S", settle: false });
    await letPass();
    expect(await system.current.received(CUSTOMER)).toEqual([CUSTOMER_TEXT]);
    expect(await conversation.participants.list()).toHaveLength(2);
  });

  it("answers chat users where configured, and then writes in its own name", async () => {
    await system.current.clear(opens);
    const { conversation, webhookSid } = await attended(system.current);
    const { sid } = await conversation.fetch();
    const event = {
      ConversationSid: sid,
      WebhookSid: webhookSid,
      Source: "SDK",
      Author: "carol",
      Body: "agent",
      DateCreated: new Date(opens).toISOString(),
    };
    expect((await deliver(system.current, event)).body).toMatchObject({ status: "handed_over" });
    const authors = (await conversation.messages.list()).map(({ author }) => author);
    expect(authors).toEqual(["system", "system"]);
  });
});
