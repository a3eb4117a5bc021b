import { describe, expect, it } from "vitest";
import { CONNECTION, INVITATION, introduce } from "../../../support/courier.ts";
import {
  ADD_WEBHOOK,
  effectsOf,
  failed,
  type Match,
  REMOVE_WEBHOOK,
  SEND_MESSAGE,
  SEND_TEMPLATE,
  TOO_MANY,
  UPDATE_CONVERSATION,
} from "../../../support/faults.ts";
import { DECLINED, recordOf, results, UNCLEAR, WAIT } from "../../../support/opt-in-reply.ts";
import { awsLambda, platforms } from "../../../support/platforms.ts";
import { COURIER, CUSTOMER, useSystem } from "../../../support/system.ts";

describe.each(platforms)(
  "whatsapp/opt-in-reply with a fault in a request to Twilio, on $name,",
  (platform) => {
    const isQueued = platform === awsLambda;
    const system = useSystem(platform);

    const WAITING = { ...SEND_MESSAGE, parameters: { Body: "*Just a moment*" } };
    const STEPS: readonly [string, Match][] = [
      ["removing its webhook", REMOVE_WEBHOOK],
      ["recording the consent", UPDATE_CONVERSATION],
      ["telling the invitee to wait", WAITING],
      ["connecting the inviter", SEND_TEMPLATE],
    ];

    it.each(
      STEPS.flatMap(([step, match]) => effectsOf(match).map((effect) => [step, effect, match] as const)),
    )("%s (%j), does it all exactly once in the end", async (_step, effect, match) => {
      const { sid } = await introduce(system.current);
      await system.current.injectOnce(match, effect);
      await system.current.send(CUSTOMER, "Yes");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      expect((await recordOf(system.current, sid)).answer).toMatchObject({ consent: true, by: CUSTOMER });
      expect(await system.current.account.conversations(sid).webhooks.list()).toEqual([]);
    });

    const ASKING: readonly [string, Match][] = [
      ["removing its webhook", REMOVE_WEBHOOK],
      ["asking once more", SEND_MESSAGE],
      ["recording the question", UPDATE_CONVERSATION],
      // With a queue its webhook was never removed.
      ...(isQueued ? [] : [["listening for the second reply", ADD_WEBHOOK] as [string, Match]]),
    ];

    it.each(
      ASKING.flatMap(([step, match]) => effectsOf(match).map((effect) => [step, effect, match] as const)),
    )("%s (%j), asks once and handles the second reply once", async (_step, effect, match) => {
      const { sid } = await introduce(system.current);
      await system.current.injectOnce(match, effect);
      await system.current.send(CUSTOMER, "Who is this?");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, UNCLEAR]);
      expect(await system.current.account.conversations(sid).webhooks.list()).toHaveLength(1);
      await system.current.send(CUSTOMER, "Yes");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, UNCLEAR, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
    });

    const LEAVING: readonly [string, Match][] = [
      ["removing its webhook", REMOVE_WEBHOOK],
      ["the farewell", SEND_MESSAGE],
      ["recording the answer", UPDATE_CONVERSATION],
      ["closing", { ...UPDATE_CONVERSATION, parameters: { State: "closed" } }],
    ];

    it.each(
      LEAVING.flatMap(([step, match]) => effectsOf(match).map((effect) => [step, effect, match] as const)),
    )("%s (%j), sends one farewell and closes", async (_step, effect, match) => {
      const { sid } = await introduce(system.current);
      await system.current.injectOnce(match, effect);
      await system.current.send(CUSTOMER, "No");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, DECLINED]);
      expect((await system.current.account.conversations(sid).fetch()).state).toBe("closed");
    });

    it("continues after an interruption when Twilio fails for longer", async () => {
      const { sid } = await introduce(system.current);
      const log = system.current.logFromHere();
      await system.current.inject(SEND_TEMPLATE, TOO_MANY, { times: 5 });
      await system.current.send(CUSTOMER, "Yes");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      expect((await recordOf(system.current, sid)).answer).toMatchObject({ consent: true });
      await expect.poll(log).toContain(isQueued ? '"event":"event_not_handled"' : '"event":"put_back"');
    });

    it("does not lose the reply when Twilio fails twice in a row", async () => {
      const { sid } = await introduce(system.current);
      await system.current.inject(UPDATE_CONVERSATION, failed(503), { times: 4 });
      await system.current.send(CUSTOMER, "Yes");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      expect((await recordOf(system.current, sid)).answer).toMatchObject({ consent: true });
    });

    it("stops after three interruptions, logs that, and handles the next message", async () => {
      const log = system.current.logFromHere();
      const { sid } = await introduce(system.current);
      await system.current.inject(UPDATE_CONVERSATION, failed());
      await system.current.send(CUSTOMER, "Yes");
      expect((await results(system.current)).filter((result) => result === "error")).toHaveLength(4);
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION]);
      expect(await system.current.account.conversations(sid).webhooks.list()).toHaveLength(1);
      if (isQueued) expect(system.current.deployment.queue?.deadLetters).toHaveLength(1);
      else await expect.poll(log).toContain('"event":"left_unanswered"');
      await system.current.clearFaults();
      await system.current.send(CUSTOMER, "Yes!");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
    });

    it("handles each reply once, although a late webhook exists beside its replacement", async () => {
      const { sid } = await introduce(system.current);
      const { webhooks } = system.current.account.conversations(sid);
      const [webhook] = await webhooks.list();
      await webhooks.create({
        target: "webhook",
        "configuration.url": webhook?.configuration.url,
        "configuration.filters": ["onMessageAdded"],
      });
      await system.current.send(CUSTOMER, "Yes");
      expect(await system.current.received(CUSTOMER)).toEqual([INVITATION, WAIT]);
      expect(await system.current.received(COURIER)).toEqual([CONNECTION]);
      expect(await webhooks.list()).toEqual([]);
    });
  },
);
