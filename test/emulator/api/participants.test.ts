import { describe, expect, it } from "vitest";
import { rejection, type TestAccount, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const person = "+15558675310";

function binding(account: TestAccount, address = person, proxy = account.emulator.smsNumber) {
  return { "messagingBinding.address": address, "messagingBinding.proxyAddress": proxy };
}

describe("a participant", () => {
  it("on SMS has the fields of the API's own example", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create();
    const form = new URLSearchParams({
      "MessagingBinding.Address": person,
      "MessagingBinding.ProxyAddress": account.emulator.smsNumber,
      Attributes: '{ "role": "driver" }',
    });
    const { status, body } = await account.rest(
      "POST",
      `/v1/Conversations/${sid}/Participants`,
      form.toString(),
    );
    expect(status).toBe(201);
    expect(body).toEqual({
      account_sid: account.emulator.accountSid,
      conversation_sid: sid,
      sid: expect.stringMatching(/^MB[0-9a-f]{32}$/),
      identity: null,
      attributes: '{ "role": "driver" }',
      messaging_binding: { type: "sms", address: person, proxy_address: account.emulator.smsNumber },
      role_sid: expect.stringMatching(/^RL[0-9a-f]{32}$/),
      date_created: "2026-01-05T10:00:00Z",
      date_updated: "2026-01-05T10:00:00Z",
      url: `${account.emulator.url}/v1/Conversations/${sid}/Participants/${body.sid}`,
      last_read_message_index: null,
      last_read_timestamp: null,
    });
  });

  it("on chat is found by SID and by identity, and makes the user of that identity", async () => {
    const conversation = await fixture.current.conversation();
    const { sid, messagingBinding } = await conversation.participants.create({ identity: "alice" });
    expect(messagingBinding).toBeNull();
    expect((await conversation.participants("alice").fetch()).sid).toBe(sid);
    const user = await fixture.current.client.conversations.v1.users("alice").fetch();
    expect(user).toMatchObject({ identity: "alice", attributes: "{}" });
  });

  it("carries the service's SID under the service's path", async () => {
    const { client, emulator } = fixture.current;
    const { sid } = await fixture.current.conversations.create();
    const service = client.conversations.v1.services(emulator.chatServiceSid);
    const participant = await service.conversations(sid).participants.create({ identity: "alice" });
    expect(participant.chatServiceSid).toBe(emulator.chatServiceSid);
    expect(participant.url).toContain(
      `/Services/${emulator.chatServiceSid}/Conversations/${sid}/Participants/`,
    );
  });

  it("has its attributes and read horizon updated", async () => {
    const conversation = await fixture.current.conversation();
    await conversation.participants.create({ identity: "alice" });
    const lastReadTimestamp = "2026-01-05T09:00:00Z";
    const changes = { attributes: '{"a":1}', lastReadMessageIndex: 3, lastReadTimestamp };
    expect(await conversation.participants("alice").update(changes)).toMatchObject(changes);
  });

  it("is listed, and is gone once it is removed", async () => {
    const conversation = await fixture.current.conversation();
    for (const identity of ["alice", "bob", "carol"]) await conversation.participants.create({ identity });
    await conversation.participants("bob").remove();
    expect((await conversation.participants.list()).map(({ identity }) => identity)).toEqual([
      "alice",
      "carol",
    ]);
    expect(await rejection(conversation.participants("bob").remove())).toBe("404/20404");
    await conversation.participants.create({ identity: "bob" });
  });
});

/** "Inbound Message Handling & Autocreation": the To/From number pair. */
describe("an address and proxy pair", () => {
  it("is in one open conversation", async () => {
    const account = fixture.current;
    const first = await account.conversation();
    await first.participants.create(binding(account));
    const second = await account.conversation();
    const { body } = await account.rest(
      "POST",
      `/v1/Conversations/${(await second.fetch()).sid}/Participants`,
      `MessagingBinding.Address=%2B15558675310&MessagingBinding.ProxyAddress=${encodeURIComponent(account.emulator.smsNumber)}`,
    );
    const holder = (await first.fetch()).sid;
    expect(body).toEqual({
      code: 50416,
      message: `A binding for this participant and proxy address already exists in Conversation ${holder}`,
      more_info: "https://www.twilio.com/docs/errors/50416",
      status: 409,
    });
  });

  it("does not keep the person from other numbers of the account, nor the number from other people", async () => {
    const account = fixture.current;
    await account.control("POST", "/numbers", { address: "+15017122662" });
    for (const [address, proxy] of [
      [person, account.emulator.smsNumber],
      [person, "+15017122662"],
      ["+15558675311", account.emulator.smsNumber],
    ]) {
      await (await account.conversation()).participants.create(binding(account, address, proxy));
    }
  });

  it.each(["removing the participant", "closing the conversation", "deleting the conversation"])(
    "is freed by %s",
    async (how) => {
      const account = fixture.current;
      const first = await account.conversation();
      const { sid } = await first.participants.create(binding(account));
      const second = await account.conversation();
      expect(await rejection(second.participants.create(binding(account)))).toBe("409/50416");
      if (how.startsWith("removing")) await first.participants(sid).remove();
      else if (how.startsWith("closing")) await first.update({ state: "closed" });
      else await first.remove();
      await second.participants.create(binding(account));
    },
  );

  it("goes to exactly one of two conversations that ask for it at the same time", async () => {
    const account = fixture.current;
    const conversations = [await account.conversation(), await account.conversation()];
    const answers = await Promise.allSettled(
      conversations.map(({ participants }) => participants.create(binding(account))),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("a participant on any channel", () => {
  it.each([
    ["messenger", "messenger:1234567890", "messenger:9876543210"],
    ["rcs", "rcs:+15558675310", "rcs:acme_agent"],
    ["whatsapp", "whatsapp:+15558675310", "whatsapp:+14155238886"],
  ])("writes and is written to: %s", async (type, address, proxyAddress) => {
    const account = fixture.current;
    await account.control("POST", "/numbers", { address: proxyAddress });
    const { participants, messages } = await account.conversation();
    const { messagingBinding, sid } = await participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": proxyAddress,
    });
    expect(messagingBinding).toEqual({ type, address, proxy_address: proxyAddress });
    await account.send(address, proxyAddress, "Hello");
    await messages.create({ body: "Welcome" });
    await account.emulator.settle();
    expect((await messages.list()).map(({ participantSid }) => participantSid)).toEqual([sid, null]);
    expect((await account.inbox(address)).map(({ body }) => body)).toEqual(["Hello", "Welcome"]);
  });

  it("by email receives nothing, and the timeline reports it", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    await conversation.participants.create({ "messagingBinding.address": "ann@example.com" });
    const { sid } = await conversation.messages.create({ body: "Hi" });
    const { body } = await account.control("GET", "/timeline");
    expect(body.timeline).toContainEqual(
      expect.objectContaining({
        kind: "delivery",
        messageSid: sid,
        to: "ann@example.com",
        error: "email is not emulated: the message was not sent",
      }),
    );
  });

  it("by email has an address, and no proxy", async () => {
    const { participants } = await fixture.current.conversation();
    const { messagingBinding } = await participants.create({ "messagingBinding.address": "ann@example.com" });
    expect(messagingBinding).toEqual({ type: "email", address: "ann@example.com" });
  });
});

describe("what a participant is refused for", () => {
  const sms = "+15017122661";
  const whatsapp = "whatsapp:+14155238886";

  it.each([
    [{}, "400/50204"],
    [{ identity: "" }, "400/50204"],
    [{ identity: "x".repeat(257) }, "400/50207"],
    [{ identity: `US${"0".repeat(32)}` }, "400/50206"],
    [{ identity: "system" }, "400/50203"],
    [{ identity: "alice", address: person, proxy: sms }, "400/50211"],
    [{ address: "", proxy: sms }, "400/50411"],
    [{ proxy: sms }, "400/50411"],
    [{ address: person, proxy: "" }, "400/50412"],
    [{ address: "5558675310", proxy: sms }, "400/50407"],
    [{ address: `+1${"5".repeat(300)}`, proxy: sms }, "400/50407"],
    [{ address: "whatsapp:5558675310", proxy: whatsapp }, "400/50407"],
    [{ address: person, proxy: "5017122661" }, "400/50408"],
    [{ address: person, proxy: whatsapp }, "400/50414"],
    [{ address: `whatsapp:${person}`, proxy: sms }, "400/50414"],
    [{ address: sms, proxy: sms }, "400/50409"],
    [{ address: person, proxy: "+15017122699" }, "403/50413"],
    [{ address: `whatsapp:${person}`, proxy: `whatsapp:${sms}` }, "400/50415"],
    [{ address: `whatsapp:${person}`, proxy: "whatsapp:+15017122699" }, "403/50413"],
    [{ identity: "alice", attributes: "{" }, "400/50304"],
    [{ identity: "alice", attributes: JSON.stringify("x".repeat(4096)) }, "400/50303"],
    [{ identity: "alice", roleSid: `RL${"0".repeat(32)}` }, "404/50100"],
    [{ identity: "alice", roleSid: "service user" }, "404/50109"],
    [{ address: "messenger:1", proxy: "messenger:2" }, "403/50413"],
    [{ address: "rcs:+15558675310", proxy: "rcs:agent" }, "403/50413"],
    [{ address: "gbm:1", proxy: "gbm:2" }, "501/20501"],
    [{ address: "apple:urn:mbid:person", proxy: "apple:agent" }, "501/20501"],
    [{ address: person, proxy: "apple:agent" }, "501/20501"],
    [{ address: "ann@example.com", proxy: sms }, "400/50453"],
    [{ address: "+442079460000" }, "400/50407"],
    [{ address: "+18005550100" }, "400/50407"],
    [{ address: "+16715550100" }, "400/50407"],
    [{ address: "+18765550100" }, "400/50407"],
    [{ address: `whatsapp:${person}` }, "400/50407"],
    [{ address: sms }, "400/50407"],
    [{ identity: "alice", projected: "+442079460000" }, "400/50407"],
    [{ identity: "alice", projected: "+15017122699" }, "403/50439"],
    [{ address: person, projected: sms }, "400/50443"],
  ])("%j is %s", async (given, expected) => {
    const account = fixture.current;
    const roles = await account.client.conversations.v1.roles.list();
    const roleOf = (name: string) => roles.find(({ friendlyName }) => friendlyName === name)?.sid ?? name;
    const { address, proxy, projected, roleSid, ...rest } = {
      address: undefined,
      proxy: undefined,
      projected: undefined,
      roleSid: undefined,
      ...given,
    };
    const params = {
      ...rest,
      ...(roleSid === undefined ? {} : { roleSid: roleOf(roleSid) }),
      ...(address === undefined ? {} : { "messagingBinding.address": address }),
      ...(proxy === undefined ? {} : { "messagingBinding.proxyAddress": proxy }),
      ...(projected === undefined ? {} : { "messagingBinding.projectedAddress": projected }),
    };
    expect(await rejection((await account.conversation()).participants.create(params))).toBe(expected);
  });

  it("a number of the account as the person's address", async () => {
    const account = fixture.current;
    await account.control("POST", "/numbers", { address: "+15017122662" });
    expect(
      await rejection((await account.conversation()).participants.create(binding(account, "+15017122662"))),
    ).toBe("400/50407");
  });

  it("an identity that is there already", async () => {
    const conversation = await fixture.current.conversation();
    await conversation.participants.create({ identity: "alice" });
    expect(await rejection(conversation.participants.create({ identity: "alice" }))).toBe("409/50433");
  });

  it("a fifty-first participant outside chat", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    for (let i = 0; i < 50; i += 1)
      await conversation.participants.create(binding(account, `+155512340${10 + i}`));
    expect(await rejection(conversation.participants.create(binding(account, "+15551234999")))).toBe(
      "400/50418",
    );
    await conversation.participants.create({ identity: "alice" });
  });

  it("a second proxy address, a projected address or an identity later on", async () => {
    const account = fixture.current;
    const conversation = await account.conversation();
    const { sid } = await conversation.participants.create(binding(account));
    const participant = conversation.participants(sid);
    expect(await rejection(participant.update({ "messagingBinding.proxyAddress": sms }))).toBe("400/50441");
    expect(await rejection(participant.update({ "messagingBinding.projectedAddress": sms }))).toBe(
      "400/50443",
    );
    expect(await rejection(participant.update({ identity: "alice" }))).toBe("400/50444");
    expect(await rejection(participant.update({ lastReadTimestamp: "yesterday" }))).toBe("400/50405");
  });
});
