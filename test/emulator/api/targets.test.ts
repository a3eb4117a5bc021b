import { describe, expect, it } from "vitest";
import { refusal, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const flowSid = `FW${"0".repeat(32)}`;
const url = "https://example.com/hook";

describe("a scoped webhook", () => {
  it.each([
    [
      { target: "webhook", "configuration.triggers": ["word"], "configuration.flowSid": flowSid },
      { url, method: "post", filters: ["onMessageAdded"] },
    ],
    [
      { target: "trigger", "configuration.triggers": ["word"], "configuration.flowSid": flowSid },
      { url, method: "post", filters: ["word"] },
    ],
    [
      { target: "studio", "configuration.triggers": ["word"], "configuration.flowSid": flowSid },
      { flow_sid: flowSid, filters: ["onMessageAdded"] },
    ],
  ])("keeps what belongs to its target: %j", async (fields, configuration) => {
    const { sid } = await (await fixture.current.conversation()).fetch();
    const all = {
      "configuration.url": url,
      "configuration.method": "POST",
      "configuration.filters": ["onMessageAdded"],
    };
    const { webhooks } = fixture.current.conversations(sid);
    const made = await webhooks.create({ ...all, ...fields } as never);
    const { body } = await fixture.current.rest("GET", `/v1/Conversations/${sid}/Webhooks/${made.sid}`);
    expect(body.configuration).toEqual(configuration);
    await webhooks(made.sid).update({
      ...all,
      "configuration.flowSid": flowSid,
      "configuration.triggers": ["word"],
    } as never);
    const updated = await fixture.current.rest("GET", `/v1/Conversations/${sid}/Webhooks/${made.sid}`);
    expect(updated.body.configuration).toEqual(configuration);
  });

  it("refuses what is no flow, whatever its target", async () => {
    const { webhooks } = await fixture.current.conversation();
    const params = {
      target: "webhook" as const,
      "configuration.url": url,
      "configuration.filters": ["onMessageAdded"],
    };
    expect(await refusal(webhooks.create({ ...params, "configuration.flowSid": "FW1" }))).toBe("400/50367");
  });
});

describe("a look-up by identity", () => {
  it("finds who joined with it, and not who got it later", async () => {
    const account = fixture.current;
    const find = async () =>
      (await account.client.conversations.v1.participantConversations.list({ identity: "ann" })).length;
    const projectedAddress = { "messagingBinding.projectedAddress": account.emulator.smsNumber };
    const { participants } = await account.conversation();
    const { sid } = await participants.create(projectedAddress);
    await participants(sid).update({ identity: "ann" });
    expect(await find()).toBe(0);
    const other = await account.conversation();
    await other.participants.create({ identity: "ann" });
    expect(await find()).toBe(1);
  });
});

describe("what the account has", () => {
  it("are user attributes of up to 16 KB", async () => {
    const { users } = fixture.current.client.conversations.v1;
    const attributes = (bytes: number) => JSON.stringify("x".repeat(bytes - 2));
    const { sid } = await users.create({ identity: "ann", attributes: attributes(16 * 1024) });
    expect(await refusal(users(sid).update({ attributes: attributes(16 * 1024 + 1) }))).toBe("400/50303");
  });

  it("is the webhook configuration at its older path, too", async () => {
    const account = fixture.current;
    const set = await account.rest(
      "POST",
      "/v1/Conversations/Webhooks",
      `PostWebhookUrl=${encodeURIComponent(url)}`,
    );
    expect(set).toMatchObject({ status: 200, body: { post_webhook_url: url } });
    expect((await account.rest("GET", "/v1/Conversations/Webhooks")).body).toEqual(set.body);
    expect((await account.rest("GET", "/v1/Configuration/Webhooks")).body).toEqual(set.body);
  });
});

it.each(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"])(
  "%s opts out",
  async (word) => {
    const account = fixture.current;
    await account.send("+15558675310", account.emulator.smsNumber, word.toLowerCase());
    expect((await account.inbox("+15558675310")).at(-1)?.body).toContain("unsubscribed");
  },
);
