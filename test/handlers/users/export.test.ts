import { describe, expect, it } from "vitest";
import { usePersonSystem, useReceiver } from "../../support/person.ts";
import { awsLambda, platforms } from "../../support/platforms.ts";
import { System } from "../../support/system.ts";

const PERSON = "+15558675310";
const receiver = await useReceiver();

describe.each(platforms)("users/export on $name", (platform) => {
  const system = usePersonSystem(platform, receiver);

  it("writes a chat user's data to the archive's target, without what others have written", async () => {
    const { open, closed } = await system.alice();
    const answer = await system.call("export", { identity: "alice" });
    expect(answer).toMatchObject({
      status: 200,
      body: { status: "exported", cursor: null, conversations: 2, messages: 3, files: 4 },
    });
    const files = system.files();
    expect([...files.keys()].sort()).toEqual([open.sid, closed.sid, "end", "user"].sort());
    expect(files.get(open.sid)).toMatchObject([
      { kind: "conversation", sid: open.sid },
      { kind: "participant", identity: "alice" },
      { kind: "message", body: "One" },
      { kind: "message", body: "Two" },
    ]);
    expect(files.get("user")).toMatchObject([
      { kind: "user", identity: "alice", attributes: '{"city":"Rome"}' },
      { kind: "binding", endpoint: "alice-endpoint" },
    ]);
    expect(files.get("end")).toMatchObject([{ kind: "end", job: answer.body.job, messages: 3 }]);
  });

  it("names the files after the person with a key, and always in the same way", async () => {
    await system.alice();
    const { body } = await system.call("export", { identity: "alice" });
    const urls = () => system.received.map(({ url }) => `${receiver.url}${url}`).sort();
    const first = urls();
    const folder = String(body.location).replace("*.ndjson", "");
    expect(folder).toMatch(/\/archive\/exports\/[\w-]{22}\/$/);
    expect(first.every((url) => url.startsWith(folder))).toBe(true);
    system.received.length = 0;
    await system.call("export", { identity: "alice", allConversations: "true" });
    expect(urls()).toEqual(expect.arrayContaining(first));
    expect(urls()).toHaveLength(first.length + 1);
  });

  it("finds a person by address", async () => {
    const { account } = system.current;
    const made = await system.conversation("One");
    await made.participants.create({
      "messagingBinding.address": PERSON,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
    });
    await account.send(PERSON, account.emulator.smsNumber, {
      body: "See",
      media: ["https://example.com/a.jpg"],
    });
    expect((await system.call("export", { address: PERSON })).body).toMatchObject({ messages: 1, files: 2 });
    expect(system.files().get(made.sid)).toMatchObject([
      { kind: "conversation" },
      { kind: "participant", messagingBinding: { address: PERSON } },
      { kind: "message", body: "See", media: [{ url: expect.stringMatching(/Media\/ME\w+$/) }] },
    ]);
  });

  it("requires its own scope", async () => {
    const claims = { sub: "service", scope: "conversations:write conversations:read users:erase" };
    expect(await system.current.call("/users/export", { identity: "alice" }, claims)).toMatchObject({
      status: 403,
      body: { code: "insufficient_scope" },
    });
  });
});

it("users/export answers 409 without an archive", async () => {
  const system = await System.start(awsLambda);
  const claims = { sub: "privacy", scope: "users:export" };
  const answer = await system.call("/users/export", { identity: "alice" }, claims);
  expect(answer).toMatchObject({ status: 409, body: { code: "no_archive" } });
  await system.stop();
});
