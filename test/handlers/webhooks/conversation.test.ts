import { describe, expect, it } from "vitest";
import {
  ADD_PARTICIPANT,
  CREATE_CONVERSATION,
  DELETE_CONVERSATION,
  effectsOf,
  failed,
  type Match,
  REMOVE_WEBHOOK,
  SEND_MESSAGE,
  TWICE_AT_ONCE,
  TWICE_IN_TURN,
} from "../../support/faults.ts";
import { awsLambda, platforms } from "../../support/platforms.ts";
import {
  answersAtOnce,
  attended,
  CUSTOMER_TEXT,
  DEFAULT,
  deliver,
  HOURS,
  PATH,
  PERSON_TEXT,
  PRICE,
  results,
  SETTINGS,
} from "../../support/responder.ts";
import { stateOf } from "../../support/state.ts";
import { CUSTOMER, QUICK, type System, useSystem } from "../../support/system.ts";

/** The unique name of a conversation's lock. */
const lockName = ({ account }: System, sid: string): string =>
  `lock-${stateOf(account.emulator.apiKeySecret).name("lock", sid)}`;

describe.each(platforms)("webhooks/conversation on $name", (platform) => {
  const isQueued = platform === awsLambda;
  const system = useSystem(platform, { CONVERSATION_RESPONDER: JSON.stringify(SETTINGS) }, QUICK);
  /** No lock is left: the only conversation is the customer's. */
  const expectNoLocks = async () => expect(await system.current.account.conversations.list()).toHaveLength(1);

  describe("keywords", () => {
    it.each([
      ["Your opening hours?", HOURS],
      ["öffnungszeiten", HOURS],
      ["営業時間は何時ですか", HOURS],
      ["How much is it?", PRICE],
      ["price and hours", HOURS],
    ])("(%s) are answered", async (question, answer) => {
      await attended(system.current);
      await system.current.send(CUSTOMER, question);
      expect(await system.current.received(CUSTOMER)).toEqual([answer]);
      await expectNoLocks();
    });

    it("are answered in its own name, with a marker, and without triggering a webhook", async () => {
      const { conversation } = await attended(system.current);
      await system.current.send(CUSTOMER, "hours");
      const [, answer] = await conversation.messages.list();
      expect(answer).toMatchObject({ body: HOURS, author: "helper" });
      expect(JSON.parse(answer?.attributes ?? "")).toEqual({
        parley: expect.stringContaining("responder:"),
      });
      expect(await system.current.outcomes(PATH)).toEqual([
        {
          status: "answered",
          answer: "keyword",
          messageSid: answer?.sid,
          conversationSid: answer?.conversationSid,
        },
      ]);
    });

    it("are answered each time, and other messages once", async () => {
      await attended(system.current);
      for (const body of ["Hello?", "hours", "Is anybody there?", "hours"])
        await system.current.send(CUSTOMER, body);
      expect(await system.current.received(CUSTOMER)).toEqual([DEFAULT, HOURS, HOURS]);
      expect(await results(system.current)).toEqual([
        "answered",
        "answered",
        "ignored: already_answered",
        "answered",
      ]);
      await expectNoLocks();
    });

    it("are answered at most as often per hour as configured", async () => {
      await attended(system.current);
      const log = system.current.logFromHere();
      for (let count = 0; count < 5; count++) await system.current.send(CUSTOMER, "hours");
      expect(await system.current.received(CUSTOMER)).toHaveLength(4);
      expect((await results(system.current)).at(-1)).toBe("ignored: too_many_answers");
      await expect.poll(log).toContain('"event":"too_many_answers"');
      await system.current.account.emulator.advance(3_600_000);
      await system.current.send(CUSTOMER, "hours");
      expect(await system.current.received(CUSTOMER)).toHaveLength(5);
    });
  });

  describe("a hand-over", () => {
    it("adds the agents, detaches its own webhook, and notifies both sides", async () => {
      const { conversation } = await attended(system.current);
      const other = await conversation.webhooks.create({
        target: "webhook",
        "configuration.url": `${system.current.url}/token`,
        "configuration.filters": ["onConversationUpdated"],
      });
      await system.current.send(CUSTOMER, "I want a human!");
      expect(await results(system.current)).toEqual(["handed_over"]);
      const identities = (await conversation.participants.list()).flatMap(({ identity }) => identity ?? []);
      expect(identities.sort()).toEqual(["alice", "bob"]);
      expect((await conversation.webhooks.list()).map(({ sid }) => sid)).toEqual([other.sid]);
      expect(await system.current.received(CUSTOMER)).toEqual([CUSTOMER_TEXT]);
      const said = (await conversation.messages.list()).map(({ author, body }) => [author, body]);
      expect(said.slice(1).sort()).toEqual([
        ["helper", CUSTOMER_TEXT],
        [CUSTOMER, PERSON_TEXT],
      ]);
      await system.current.send(CUSTOMER, "hours");
      expect(await system.current.received(CUSTOMER)).toEqual([CUSTOMER_TEXT]);
    });

    it("keeps an agent who is already a participant", async () => {
      const { conversation } = await attended(system.current);
      await conversation.participants.create({ identity: "alice" });
      await system.current.send(CUSTOMER, "agent");
      expect(await results(system.current)).toEqual(["handed_over"]);
      expect(await conversation.participants.list()).toHaveLength(3);
    });

    it("continues with the other agents when one cannot be added, and logs that", async () => {
      const { conversation } = await attended(system.current);
      const log = system.current.logFromHere();
      await system.current.inject({ ...ADD_PARTICIPANT, parameters: { Identity: "alice" } }, failed(400));
      await system.current.send(CUSTOMER, "agent");
      expect(await results(system.current)).toEqual(["handed_over"]);
      expect(await conversation.participants.list()).toHaveLength(2);
      await expect.poll(log).toContain('"event":"person_not_added"');
    });

    it("keeps its webhook when no agent can be added", async () => {
      const { conversation } = await attended(system.current);
      await system.current.inject(ADD_PARTICIPANT, failed(400));
      await system.current.send(CUSTOMER, "agent");
      expect(new Set(await results(system.current))).toEqual(new Set(["error"]));
      expect(await conversation.webhooks.list()).toHaveLength(1);
      await system.current.send(CUSTOMER, "hours");
      expect(await system.current.received(CUSTOMER)).toEqual([HOURS]);
    });
  });

  describe("ignores", () => {
    it.each([
      ["messages by the API in the customer's name", { Source: "API" }, "not_from_a_person"],
      ["a chat user", { Source: "SDK", Author: "carol" }, "from_a_chat_user"],
      ["another bot, by its name", { Author: "other-bot" }, "not_a_customer"],
      ["another bot, by its marker", { Attributes: '{"bot":true}' }, "from_a_bot"],
      ["itself", { Author: "helper" }, "not_a_customer"],
      ["the agents it hands over to", { Author: "bob" }, "not_a_customer"],
      ...["STOP.", "stopall", "Unsubscribe", "CANCEL", "end", "Quit", "REVOKE", "optout"].map(
        (Body): [string, Record<string, string>, string] => [`the opt-out ${Body}`, { Body }, "opted_out"],
      ),
      ["another event", { EventType: "onMessageUpdated" }, "other_event"],
      ["a deleted conversation", {}, "detached"],
    ])("%s", async (_who, change, reason) => {
      expect(await deliver(system.current, change)).toMatchObject({
        status: 200,
        body: { status: "ignored", reason },
      });
    });

    it("events after its webhook was detached, whether or not Twilio names the webhook", async () => {
      const { conversation, webhookSid } = await attended(system.current);
      const { sid } = await conversation.fetch();
      const named = { ConversationSid: sid, WebhookSid: webhookSid };
      const late = (digit: string) => ({ ...named, MessageSid: `IM${digit.repeat(32)}` });
      const unnamed = { without: "WebhookSid" };
      expect((await deliver(system.current, late("1"))).body.status).toBe("answered");
      expect((await deliver(system.current, late("2"), unnamed)).body.status).toBe("answered");
      await conversation.webhooks(webhookSid).remove();
      expect((await deliver(system.current, late("3"))).body.reason).toBe("detached");
      expect((await deliver(system.current, late("4"), unnamed)).body.reason).toBe("detached");
    });

    it.each(["hours", "agent"])("a conversation that was closed meanwhile (%s)", async (body) => {
      const { conversation } = await attended(system.current);
      const letPass = await system.current.holdWebhooks();
      await system.current.say(CUSTOMER, body);
      await conversation.update({ state: "closed" });
      await letPass();
      expect(await results(system.current)).toEqual(["ignored: conversation_over"]);
      await expectNoLocks();
    });
  });

  describe("when the same event is delivered twice", () => {
    it.each([TWICE_AT_ONCE, TWICE_IN_TURN])("(%j) sends each message once", async (effect) => {
      for (const [bodies, expected] of [
        [["hours"], [HOURS]],
        [["Hello?", "Anybody?"], [DEFAULT]],
        [
          ["price", "agent", "hours"],
          [PRICE, CUSTOMER_TEXT],
        ],
      ] as const) {
        const { conversation } = await attended(system.current);
        await system.current.injectIntoWebhooks({ url: `*${PATH}` }, effect);
        for (const body of bodies) await system.current.send(CUSTOMER, body);
        expect(await system.current.received(CUSTOMER)).toEqual(expected);
        const toPerson = (await conversation.messages.list()).filter(({ body }) => body === PERSON_TEXT);
        expect(toPerson).toHaveLength(bodies.some((body) => body === "agent") ? 1 : 0);
        await expectNoLocks();
        await system.current.clear();
      }
    });
  });

  describe("for several concurrent messages", () => {
    it.each([
      [
        ["hours", "price"],
        [PRICE, HOURS],
      ],
      [["Hello?", "Anybody?", "Hello!"], [DEFAULT]],
      [
        ["agent", "agent!!", "human"],
        [PERSON_TEXT, CUSTOMER_TEXT],
      ],
    ])("(%j) sends each answer once", async (bodies, expected) => {
      expect(await answersAtOnce(system.current, bodies, new Date())).toEqual(expected);
      await expectNoLocks();
    });
  });

  // With a queue there are no locks.
  describe.each(isQueued ? [] : ["locks"])("%s", () => {
    it("are valid for a minute", async () => {
      const { conversation } = await attended(system.current);
      const { sid } = await conversation.fetch();
      const uniqueName = lockName(system.current, sid);
      const dateCreated = new Date(Date.now() - 61_000);
      await system.current.account.conversations.create({ uniqueName, dateCreated });
      await system.current.send(CUSTOMER, "Hello?");
      expect(await system.current.received(CUSTOMER)).toEqual([DEFAULT]);
      await expectNoLocks();
    });
  });

  describe("with a fault in a request to Twilio", () => {
    const ANSWERING: readonly [string, Match][] = [
      ["sending", SEND_MESSAGE],
      ...(isQueued
        ? []
        : [
            ["locking", CREATE_CONVERSATION] as [string, Match],
            ["unlocking", DELETE_CONVERSATION] as [string, Match],
          ]),
    ];
    const HANDING_OVER: readonly [string, Match][] = [
      ["adding an agent", ADD_PARTICIPANT],
      ["detaching its webhook", REMOVE_WEBHOOK],
      ["notifying", SEND_MESSAGE],
    ];

    it.each(
      ANSWERING.flatMap(([step, match]) => effectsOf(match).map((effect) => [step, effect, match] as const)),
    )("%s (%j), answers once and releases its lock", async (_step, effect, match) => {
      await attended(system.current);
      await system.current.injectOnce(match, effect);
      await system.current.send(CUSTOMER, "hours");
      expect(await system.current.received(CUSTOMER)).toEqual([HOURS]);
      await expectNoLocks();
    });

    it.each(
      HANDING_OVER.flatMap(([step, match]) =>
        effectsOf(match).map((effect) => [step, effect, match] as const),
      ),
    )("%s (%j), hands over once", async (_step, effect, match) => {
      const { conversation } = await attended(system.current);
      await system.current.injectOnce(match, effect);
      await system.current.send(CUSTOMER, "agent");
      expect(await system.current.received(CUSTOMER)).toEqual([CUSTOMER_TEXT]);
      expect(await conversation.messages.list()).toHaveLength(3);
      expect(await conversation.participants.list()).toHaveLength(3);
      expect(await conversation.webhooks.list()).toEqual([]);
    });

    it.each([
      ["hours", HOURS],
      ["agent", CUSTOMER_TEXT],
    ])("(%s) is tried four times and logged, and the next message is handled", async (body, answer) => {
      const { conversation } = await attended(system.current);
      const log = system.current.logFromHere();
      await system.current.inject(SEND_MESSAGE, failed(401));
      await system.current.send(CUSTOMER, body);
      expect(await results(system.current)).toEqual(["error", "error", "error", "error"]);
      await expectNoLocks();
      if (isQueued) expect(system.current.deployment.queue?.deadLetters).toHaveLength(1);
      else await expect.poll(log).toContain('"event":"left_unanswered"');
      expect(await conversation.webhooks.list()).toHaveLength(1);
      await system.current.clearFaults();
      await system.current.send(CUSTOMER, body);
      expect(await system.current.received(CUSTOMER)).toEqual([answer]);
    });

    it.each([
      ["hours", HOURS],
      ["agent", CUSTOMER_TEXT],
    ])("(%s) is answered once when Twilio fails for a while", async (body, answer) => {
      await attended(system.current);
      await system.current.inject(SEND_MESSAGE, failed(401), { times: 2 });
      await system.current.send(CUSTOMER, body);
      expect(await system.current.received(CUSTOMER)).toEqual([answer]);
      expect((await results(system.current)).at(-1)).not.toBe("error");
    });
  });

  it.each([
    ["hours", 5, 3],
    ["agent", 6, 8],
  ])("needs few requests, since Twilio waits five seconds (%s)", async (body, alone, queued) => {
    await attended(system.current);
    await system.current.send(CUSTOMER, body);
    expect(await system.current.requests()).toHaveLength(isQueued ? queued : alone);
  });

  it.each([
    { "twilio/quick-reply": { body: "Jes?", actions: [{ title: "Prezo", id: "menu_price" }] } },
    {
      "twilio/list-picker": { body: "Kion?", button: "Elektu", items: [{ item: "Prezo", id: "menu_price" }] },
    },
  ])("answers by the id of what was tapped, not by its title: %j", async (types) => {
    const { account } = system.current;
    const { conversation } = await attended(system.current);
    await system.current.send(CUSTOMER, "Saluton");
    await conversation.messages.create({ contentSid: await account.template(types) });
    await account.emulator.settle();
    await system.current.send(CUSTOMER, "Prezo");
    await system.current.send(CUSTOMER, { button: "Prezo" });
    expect((await system.current.received(CUSTOMER)).filter((body) => body === PRICE)).toHaveLength(1);
  });

  it("rejects a request that is not signed with the account's token", async () => {
    expect((await system.current.deliver(PATH, {}, "another token of the same length")).status).toBe(403);
    const unsigned = await fetch(`${system.current.url}${PATH}`, { method: "POST" });
    expect(unsigned.status).toBe(401);
  });
});
