import { describe, expect, it } from "vitest";
import { failed, LIST_PARTICIPANTS, UNANSWERED } from "../../support/faults.ts";
import { usePersonSystem, useReceiver } from "../../support/person.ts";
import { awsLambda, platforms } from "../../support/platforms.ts";
import { linesOf } from "../../support/post-event.ts";
import { QUICK } from "../../support/system.ts";

const PERSON = "+15558675310";
const CONVERSATION_PATH = "/v1/Services/{ChatServiceSid}/Conversations/{ConversationSid}";
const receiver = await useReceiver();

describe.each(platforms)("users/erase on $name", (platform) => {
  const system = usePersonSystem(platform, receiver);
  const users = () => system.current.account.client.conversations.v1.users;
  const bodiesOf = async ({ messages }: Awaited<ReturnType<typeof system.conversation>>) =>
    (await messages.list()).map(({ body }) => body);

  it("erases what it can, lists what is left, and erases that later", async () => {
    const { open, closed, left } = await system.alice();
    const log = system.current.logFromHere();
    const first = await system.call("erase", { identity: "alice" });
    expect(first).toMatchObject({
      status: 200,
      body: {
        status: "erased",
        messages: 2,
        participants: 1,
        kept: 1,
        keptSids: closed.sid,
        deletedConversations: 0,
        failed: 0,
        archives: `${system.archiveUrl}/${closed.sid}.ndjson`,
        user: "emptied",
        bindings: 1,
      },
    });
    expect(await bodiesOf(open)).toEqual(["Hello alice"]);
    expect((await open.participants.list()).map(({ identity }) => identity)).toEqual(["bob"]);
    expect(await bodiesOf(closed)).toEqual(["Three", "Hello alice"]);
    expect(await users()("alice").fetch()).toMatchObject({ attributes: "{}", friendlyName: "alice" });
    expect(linesOf(log(), "erased").map(({ job }) => job)).toEqual([first.body.job]);
    expect(log()).not.toContain("alice");

    const everything = { identity: "alice", deleteConversations: "true", allConversations: "true" };
    expect((await system.call("erase", everything)).body).toMatchObject({
      messages: 1,
      kept: 0,
      keptSids: "",
      deletedConversations: 1,
      user: "deleted",
      bindings: 0,
    });
    expect(await bodiesOf(left)).toEqual(["Hello alice"]);
    await expect(closed.fetch()).rejects.toMatchObject({ status: 404 });
    await expect(users()("alice").fetch()).rejects.toMatchObject({ status: 404 });
    expect((await system.call("erase", everything)).body).toMatchObject({
      status: "erased",
      messages: 0,
      user: "none",
    });
  });

  it("finds a person by address, and erases their files", async () => {
    const { account } = system.current;
    const made = await system.conversation("One");
    await made.participants.create({
      "messagingBinding.address": PERSON,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    await account.send(PERSON, account.emulator.smsNumber, { media: ["https://example.com/a.jpg"] });
    expect((await system.call("erase", { address: PERSON })).body).toMatchObject({
      messages: 1,
      media: 1,
      participants: 1,
      user: "none",
    });
    expect(await bodiesOf(made)).toEqual(["One", "Hello alice"]);
  });

  it("reports a rejected change, and completes the others", async () => {
    const made = await system.conversation("One", "Two");
    const rejecting = await system.conversation("Three");
    await system.current.injectOnce({ operation: `DELETE ${CONVERSATION_PATH}/Messages/{Sid}` }, failed());
    await system.current.inject(
      { path: `/v1/Services/*/Conversations/${rejecting.sid}/Participants/*` },
      failed(403),
    );
    expect((await system.call("erase", { identity: "alice" })).body).toMatchObject({
      status: "erased",
      messages: 3,
      participants: 1,
      failed: 1,
      failedSids: rejecting.sid,
      user: "emptied",
    });
    expect(await bodiesOf(made)).toEqual(["Hello alice"]);
  });

  it("takes several calls for more than 50 conversations, as users/export does", async () => {
    const { account, deployment } = system.current;
    const made = await Promise.all(Array.from({ length: 51 }, () => account.conversation()));
    for (const one of made) await one.participants.create({ identity: "alice" });
    const log = system.current.logFromHere();
    for (const [path, done] of [
      ["export", { status: "exported", conversations: 51, files: 53 }],
      ["erase", { status: "erased", participants: 51, user: "deleted" }],
    ] as const) {
      const first = await system.call(path, { identity: "alice" });
      const { job, cursor } = first.body;
      expect(first.status).toBe(202);
      if (deployment.queue === undefined) {
        expect(first.body).toMatchObject({ status: "unfinished", cursor: expect.stringMatching(/^[\w-]+$/) });
        const second = await system.call(path, { identity: "alice", cursor });
        expect(second).toMatchObject({ status: 200, body: { ...done, job } });
      } else {
        expect(first.body).toMatchObject({ status: "continues", cursor: null });
        await system.current.settle();
        expect(deployment.queue.deadLetters).toEqual([]);
        await expect
          .poll(() => linesOf(log(), "event_handled").at(-1)?.result)
          .toMatchObject({ ...done, job });
      }
    }
  });

  it("requires its own scope, a person, and a cursor of an earlier answer", async () => {
    const claims = { sub: "service", scope: "conversations:write conversations:read users:export" };
    expect(await system.current.call("/users/erase", { identity: "alice" }, claims)).toMatchObject({
      status: 403,
      body: { code: "insufficient_scope" },
    });
    expect(await system.call("erase", {})).toMatchObject({ status: 400, body: { field: "identity" } });
    for (const cursor of ["x", Buffer.from('{"job":"1","counts":{}}').toString("base64url")]) {
      expect(await system.call("erase", { identity: "alice", cursor })).toMatchObject({
        status: 400,
        body: { code: "invalid_input" },
      });
    }
    const signed = await system.current.deliver("/users/erase", { identity: "alice" });
    expect(signed.body).toMatchObject({ code: "unauthenticated" });
  });
});

describe("a conversation that is too long for one call, on AWS Lambda,", () => {
  const system = usePersonSystem(awsLambda, receiver);

  it("is exported and erased in parts", async () => {
    const { account } = system.current;
    const made = await account.conversation();
    const { sid } = await made.fetch();
    await made.participants.create({ identity: "alice" });
    for (let start = 0; start < 1_020; start += 30) {
      const authors = Array.from({ length: 30 }, (_, index) => (index === 29 ? "alice" : "bob"));
      await Promise.all(authors.map((author) => made.messages.create({ author, body: author })));
    }
    expect((await system.call("export", { identity: "alice" })).body).toMatchObject({ status: "continues" });
    await system.current.settle();
    expect([...system.files().keys()]).toEqual([sid, `${sid}-2`, "user", "end"]);
    expect(system.files().get("end")).toMatchObject([{ conversations: 1, messages: 34, files: 3 }]);
    await system.call("erase", { identity: "alice" });
    await system.current.settle();
    expect(await made.messages.list({ pageSize: 100 })).toHaveLength(1_020 - 34);
    expect(await made.participants.list()).toEqual([]);
  });
});

describe.each(platforms.filter((platform) => platform !== awsLambda))(
  "users/erase, when Twilio does not answer in time, on $name,",
  (platform) => {
    const system = usePersonSystem(platform, receiver, QUICK);

    it("reports what it has erased, and continues with the cursor", async () => {
      const made = [await system.conversation("One"), await system.conversation("Two")];
      const [first, second] = made.toSorted((a, b) => (a.sid < b.sid ? -1 : 1));
      const match = { ...LIST_PARTICIPANTS, conversation: second?.sid ?? "" };
      await system.current.inject(match, UNANSWERED, { times: 3 });
      const { status, body } = await system.call("erase", { identity: "alice" });
      expect({ status, body }).toMatchObject({ status: 202, body: { status: "unfinished", messages: 1 } });
      expect(await first?.participants.list()).toHaveLength(1);
      expect((await system.call("erase", { identity: "alice", cursor: body.cursor })).body).toMatchObject({
        status: "erased",
        messages: 2,
        participants: 2,
        user: "deleted",
      });
    });
  },
);
