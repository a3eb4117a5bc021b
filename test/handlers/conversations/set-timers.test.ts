import { describe, expect, it } from "vitest";
import { conversationCalls } from "../../support/conversations.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("conversations/set-timers on $name", (platform) => {
  const system = useSystem(platform);
  const { call, create, conversation } = conversationCalls(system);

  it("accepts ISO 8601 and plain words, and returns when the timers expire", async () => {
    const sid = await create();
    const { body } = await call("set-timers", {
      conversationSid: sid,
      inactive: "5 minutes",
      closed: "P30D",
    });
    const { timers, dateUpdated } = await conversation(sid).fetch();
    expect(body).toMatchObject({
      status: "active",
      dateInactive: timers.date_inactive,
      dateClosed: timers.date_closed,
    });
    expect(Date.parse(String(body.dateInactive)) - dateUpdated.getTime()).toBe(300_000);
  });

  it("removes timers", async () => {
    const sid = await create();
    await call("set-timers", { conversationSid: sid, inactive: "PT5M" });
    expect((await call("set-timers", { conversationSid: sid, inactive: "off" })).body).toMatchObject({
      dateInactive: null,
    });
  });

  it.each([
    [{ inactive: "P6M" }, "inactive", /P180D/],
    [{ closed: "5 minutes" }, "closed", /10 minutes/],
    [{ inactive: "PT59S" }, "inactive", /1 minutes/],
    [{ closed: "soon" }, "closed", /duration/],
    [{ closed: `P${"9".repeat(30)}D` }, "closed", /100 years/],
    [{}, "inactive", /Give/],
  ])("explains the error in %j", async (timers, field, message) => {
    const sid = await create();
    const answer = await call("set-timers", { conversationSid: sid, ...timers });
    expect(answer).toMatchObject({ status: 400, body: { field } });
    expect(answer.body.message).toMatch(message);
  });

  it("answers 409 for a closed conversation", async () => {
    const sid = await create();
    await call("close", { conversationSid: sid });
    expect(await call("set-timers", { conversationSid: sid, inactive: "PT5M" })).toMatchObject({
      status: 409,
      body: { code: "conversation_closed" },
    });
  });
});
