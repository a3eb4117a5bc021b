import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { readAccount } from "../../infra/account/file.ts";
import { accountJsonSchema, schemaFile } from "../../infra/account/schema-file.ts";
import { root } from "../../infra/endpoints.ts";
import { useAccount } from "../emulator/support/emulator.ts";
import { exampleOf, TEMPLATE } from "./account/example.ts";
import { accountOf, write } from "./account/support.ts";

const fixture = useAccount();
const VARIABLES = { FCM_SECRET: "a secret of the push service" };
const example = (options: Parameters<typeof accountOf>[2] = {}) => {
  const { emulator } = fixture.current;
  return accountOf(emulator, exampleOf(emulator), {
    ...options,
    variables: { ...VARIABLES, ...options.variables },
  });
};
const subjects = ({ changes }: Awaited<ReturnType<ReturnType<typeof example>["plan"]>>) =>
  changes.map(({ action, subject }) => `${action} ${subject}`);

describe("an account file", () => {
  it("with every section is planned on an empty account, applied in one run, and has no changes afterwards", async () => {
    const account = example();
    const planned = await account.plan();
    expect(planned.changes).toHaveLength(15);
    expect(await account.apply()).toBe(15);
    expect(await account.plan()).toMatchObject({ changes: [] });
    expect(await account.apply()).toBe(0);

    const { v1 } = fixture.current.client.conversations;
    const configuration = await v1.configuration().fetch();
    const service = v1.services(configuration.defaultChatServiceSid);
    expect(await service.fetch()).toMatchObject({ friendlyName: "Support" });
    expect(configuration).toMatchObject({ defaultInactiveTimer: "PT1H", defaultClosedTimer: "P1D" });
    expect(await service.configuration().fetch()).toMatchObject({ reachabilityEnabled: true });
    expect(await service.configuration.webhooks().fetch()).toMatchObject({ filters: ["onMessageAdd"] });
    expect(await service.configuration.notifications().fetch()).toMatchObject({
      newMessage: { enabled: true, template: TEMPLATE, with_media: { enabled: true } },
    });
    expect(await v1.addressConfigurations(fixture.current.emulator.whatsappNumber).fetch()).toMatchObject({
      autoCreation: { type: "studio", studio_retry_count: 2 },
    });
    const [content] = await fixture.current.client.content.v1.contentAndApprovals.list();
    expect(content).toMatchObject({ approvalRequests: { name: "welcome_en", status: "received" } });
  });

  it("detects only what was changed manually", async () => {
    const account = example();
    await account.apply();
    const { v1 } = fixture.current.client.conversations;
    await v1.configuration().update({ defaultClosedTimer: "P2D" });
    await v1.configuration.webhooks().update({ postWebhookUrl: "" });
    const roles = await v1.roles.list();
    const agent = roles.find(({ friendlyName }) => friendlyName === "agent");
    await v1.roles(agent?.sid ?? "").update({ permission: ["sendMessage"] });
    const { changes } = await account.plan();
    expect(changes.map(({ differences }) => differences)).toEqual([
      [{ field: "permissions", from: ["sendMessage"], to: ["sendMessage", "leaveConversation"] }],
      [{ field: "defaultClosedTimer", from: "P2D", to: "P1D" }],
      [{ field: "postWebhookUrl", from: null, to: "https://parley.example.com/all" }],
    ]);
  });

  it("treats timers of equal length as equal", async () => {
    const { emulator, client } = fixture.current;
    await client.conversations.v1.configuration().update({ defaultClosedTimer: "PT24H" });
    expect(await accountOf(emulator, { defaults: { closedTimer: "P1D" } }).plan()).toMatchObject({
      changes: [],
    });
  });

  it("ignores resources that it does not name, and deletes them with --prune", async () => {
    await example().apply();
    const { emulator } = fixture.current;
    const emptied = { addresses: [], credentials: [], contents: [] };
    expect(await accountOf(emulator, emptied).plan()).toMatchObject({ changes: [] });
    expect(await accountOf(emulator, {}, { prune: true }).plan()).toMatchObject({ changes: [] });
    const pruned = accountOf(emulator, emptied, { prune: true });
    expect(subjects(await pruned.plan())).toEqual([
      expect.stringMatching(/^delete the address whatsapp:/),
      expect.stringMatching(/^delete the address \+/),
      "delete the content template welcome (en)",
      "delete the fcm credential phones",
    ]);
    expect(await pruned.apply({ agreed: new Set() })).toBe(0);
    expect(await pruned.apply()).toBe(4);
    expect(await pruned.plan()).toMatchObject({ changes: [] });
  });

  it("removes numbers from a pool and roles from a service with --prune, and keeps default roles", async () => {
    await example().apply();
    const { emulator } = fixture.current;
    const fewer = {
      messagingServices: [{ service: "Texts", numbers: [] }],
      services: [{ service: "Support", roles: [] }],
    };
    const pruned = accountOf(emulator, fewer, { prune: true });
    expect(subjects(await pruned.plan()).sort()).toEqual([
      `delete ${emulator.smsNumber} from the pool of the messaging service Texts`,
      "delete the role channel admin of the service Support",
      "delete the role service admin of the service Support",
    ]);
    expect(await pruned.apply()).toBe(3);
  });

  it("does not change a template submitted to WhatsApp, and reports that", async () => {
    const { emulator } = fixture.current;
    await example().apply();
    const [content] = exampleOf(emulator).contents;
    const changed = accountOf(emulator, {
      contents: [{ ...content, types: { "twilio/text": { body: "Hi {{1}}, welcome to our shop." } } }],
    });
    expect(await changed.plan()).toEqual({
      changes: [],
      warnings: [expect.stringContaining("is submitted and cannot be changed")],
    });
  });

  it("warns about US numbers in a pool without a registered campaign", async () => {
    await example().apply();
    const { warnings } = await example().plan();
    expect(warnings).toEqual([
      expect.stringContaining(`block messages from ${fixture.current.emulator.smsNumber}`),
    ]);
    const { defaultMessagingServiceSid } = await fixture.current.client.conversations.v1
      .configuration()
      .fetch();
    await fixture.current.control("POST", "/campaigns", { messagingServiceSid: defaultMessagingServiceSid });
    expect((await example().plan()).warnings).toEqual([]);
  });

  it("sends the secrets of push credentials again only on request", async () => {
    await example().apply();
    expect(subjects(await example({ resendSecrets: true }).plan())).toEqual([
      "update the fcm credential phones",
    ]);
  });

  it("sets the messaging service of a Chat channel's conversation", async () => {
    const account = fixture.current;
    const { sid } = await (await account.conversation()).fetch();
    const { defaultMessagingServiceSid } = await account.client.conversations.v1.configuration().fetch();
    const other = await account.client.messaging.v1.services.create({ friendlyName: "Other" });
    expect(other.sid).not.toBe(defaultMessagingServiceSid);
    const file = accountOf(account.emulator, {
      chatMigration: [
        { service: account.emulator.chatServiceSid, channels: [sid], messagingService: "Other" },
      ],
    });
    expect(await file.apply()).toBe(1);
    expect(await account.conversations(sid).fetch()).toMatchObject({ messagingServiceSid: other.sid });
  });

  it("merges an environment's section, objects by field and lists as a whole", async () => {
    const { emulator } = fixture.current;
    const content = {
      defaults: { inactiveTimer: "PT1H", closedTimer: "P1D" },
      environments: { production: { defaults: { closedTimer: "P7D" } } },
    };
    const [change] = (await accountOf(emulator, content, { environment: "production" }).plan()).changes;
    expect(change?.differences.map(({ to }) => to)).toEqual(["PT1H", "P7D"]);
    expect(() => accountOf(emulator, content, { environment: "prod" })).toThrow(
      "no environment prod; it has production",
    );
  });

  it.each([
    [{ webhook: {} }, /webhook is not a known field/],
    [{ webhooks: { filters: ["onMessagesAdded"] } }, /webhooks\.filters\.0/],
    [{ webhooks: { preWebhookUrl: "parley.example.com" } }, /preWebhookUrl: must be an http\(s\) URL/],
    [
      { addresses: [{ address: "+15017122661", autoCreation: { enabled: true, type: "studio" } }] },
      /studioFlowSid is missing/,
    ],
    [{ credentials: [{ name: "x", type: "fcm", secret: "abc" }] }, /secrets must not be in the file/],
    [{ services: [{ service: `\${NOT_SET}` }] }, /uses unset variables: NOT_SET/],
    [{ defaults: { closedTimer: "1 day" } }, /closedTimer: must be an ISO 8601 duration/],
  ])("is rejected for %j", (content, message) => {
    expect(() => readAccount(write("wrong.json", content), {}, undefined)).toThrow(message);
  });
});

describe("account.schema.json", () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(accountJsonSchema()));

  it("is up to date: npm run account:schema writes it", () => {
    expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(JSON.parse(accountJsonSchema()));
  });

  it("accepts the default file and the example, and rejects an unknown field", () => {
    const read = (file: string) => JSON.parse(readFileSync(join(root, "infra/account", file), "utf8"));
    expect(validate(read("account.json")) ? [] : validate.errors).toEqual([]);
    expect(validate(exampleOf(fixture.current.emulator)) ? [] : validate.errors).toEqual([]);
    expect(validate({ webhook: {} })).toBe(false);
  });
});
