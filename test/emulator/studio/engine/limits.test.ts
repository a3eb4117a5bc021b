import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import { notesOf, person, run, says, state, stepsOf } from "../flow.ts";

const fixture = useAccount();

describe("an execution's limits", () => {
  it("are ten times the same widget in a row", async () => {
    const account = fixture.current;
    const flowSid = await run(account, {}, says("say", "Again", "say"));
    expect(await account.inbox(person)).toHaveLength(10);
    expect(await notesOf(account)).toEqual(["say: came here more than 10 times in a row"]);
    expect(await stepsOf(account, flowSid)).toHaveLength(11);
  });

  it("are a thousand steps", async () => {
    const account = fixture.current;
    const next = (name: string, to: string) => state(name, "set-variables", { variables: [] }, { next: to });
    await run(account, {}, next("one", "two"), next("two", "one"));
    expect(await notesOf(account)).toEqual(["more than 1000 steps"]);
  });

  it("are thirty days", async () => {
    const account = fixture.current;
    const properties = { from: "{{flow.channel.address}}", body: "?", timeout: "9999999" };
    const flowSid = await run(account, {}, state("ask", "send-and-wait-for-reply", properties));
    await account.emulator.advance(30 * 24 * 3600 * 1000);
    const [execution] = await account.client.studio.v2.flows(flowSid).executions.list();
    expect(execution?.status).toBe("ended");
  });
});

describe("a widget that the emulator lacks", () => {
  it("is named in the log and ends the execution", async () => {
    const account = fixture.current;
    const flowSid = await run(account, {}, state("talk", "say-play", { say: "Hello" }));
    expect(await notesOf(account)).toEqual(["talk: not emulated: the widget say-play"]);
    expect(await stepsOf(account, flowSid)).toEqual(["Trigger: incomingRequest > talk"]);
  });
});
