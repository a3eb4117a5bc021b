import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allOperations } from "../../../../emulator/api/operations.ts";
import { useAccount } from "../../support/emulator.ts";

const fixture = useAccount();

/** Names that operations know, so that random values reach the rules behind them. */
const parameters = `
  FriendlyName UniqueName Attributes MessagingServiceSid State Timers.Inactive Timers.Closed DateCreated DateUpdated
  Bindings.Email.Address Bindings.Email.Name Identity MessagingBinding.Address MessagingBinding.ProxyAddress
  MessagingBinding.ProjectedAddress RoleSid LastReadMessageIndex LastReadTimestamp NotificationLevel Author Body MediaSid
  ContentSid ContentVariables Subject Participant Target Configuration.Url Configuration.Method Configuration.Filters
  Configuration.Triggers Configuration.ReplayAfter Configuration.FlowSid PreWebhookUrl PostWebhookUrl Method Filters
  DefaultChatServiceSid DefaultMessagingServiceSid DefaultInactiveTimer DefaultClosedTimer
  DefaultConversationCreatorRoleSid DefaultConversationRoleSid DefaultChatServiceRoleSid ReachabilityEnabled LogEnabled
  NewMessage.Enabled NewMessage.Template NewMessage.Sound NewMessage.BadgeCountEnabled NewMessage.WithMedia.Enabled
  NewMessage.WithMedia.Template AddedToConversation.Enabled AddedToConversation.Template RemovedFromConversation.Sound
  Type Permission Sandbox Certificate PrivateKey ApiKey Secret Address AddressCountry AutoCreation.Enabled
  AutoCreation.Type AutoCreation.ConversationServiceSid AutoCreation.WebhookUrl AutoCreation.WebhookMethod
  AutoCreation.WebhookFilters AutoCreation.StudioFlowSid AutoCreation.StudioRetryCount BindingType PageSize PageToken
  Page Order StartDate EndDate Filename Category Expires Signature PhoneNumber AreaCode SmsUrl PhoneNumberSid
  InboundRequestUrl UseInboundWebhookOnNumber ContentName Language ContentType
`
  .trim()
  .split(/\s+/);

const nasty = [
  "",
  "null",
  "__proto__",
  "constructor",
  "{}",
  "[]",
  '{"__proto__":{"x":1}}',
  "-1",
  "1e309",
  "99999999999999999999",
  "PT1M",
  "P1Y",
  "2026-01-01T00:00:00Z",
  "-271821-04-20T00:00:00Z",
  "+15558675310",
  "+15017122661",
  "whatsapp:+14155238886",
  "webhook",
  "studio",
  "trigger",
  "conversation",
  "service",
  "private",
  "true",
  "415",
  "sendMessage",
  "messenger:123",
  "rcs:agent",
  "ann@example.com",
  '{"identity":"alice"}',
  '{"messaging_binding":{"address":"+15558675310","proxy_address":"+15017122661"}}',
  '{"messaging_binding":{"projected_address":"+15017122661"}}',
  '{"messaging_binding":[]}',
  `FW${"0".repeat(32)}`,
  `ME${"0".repeat(32)}`,
  "onMessageAdded",
  "http://[",
  "http://127.0.0.1:1/?x#y",
  "\u0000",
  "\ud800",
  "%",
];

const value = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 200, maxLength: 300 }),
);
const rows = fc.array(fc.tuple(fc.constantFrom(...parameters), value), { maxLength: 6 });
const operation = fc.constantFrom(...allOperations);

describe("fuzzed requests", () => {
  it("on every operation end below 500, or in a loud 501, with Twilio's error body", async () => {
    const account = fixture.current;
    const { sid: conversationSid } = await account.conversations.create({ uniqueName: "__proto__" });
    await account.conversations(conversationSid).participants.create({ identity: "alice" });
    const { sid: messageSid } = await account.conversations(conversationSid).messages.create({ body: "x" });
    const { sid: service } = await account.client.conversations.v1.services.create({
      friendlyName: "Another",
    });
    const [role] = await account.client.conversations.v1.roles.list();
    const { accountSid, messagingServiceSid, smsNumber } = account.emulator;
    const known = [conversationSid, messageSid, service, role?.sid ?? "", accountSid, messagingServiceSid];
    const segment = fc.oneof(
      fc.constantFrom(...known, smsNumber, "__proto__", "alice"),
      value.filter((text) => text !== ""),
    );
    await fc.assert(
      fc.asyncProperty(
        operation,
        fc.array(segment, { minLength: 4, maxLength: 4 }),
        rows,
        fc.boolean(),
        async (...input) => {
          const [{ method, path }, segments, fields, asQuery] = input;
          let used = 0;
          const concrete = path
            .replace("{ChatServiceSid}", account.emulator.chatServiceSid)
            .replace(/\{\w+\}/g, () => encodeSegment(segments[used++] ?? "x"));
          const form = new URLSearchParams(fields).toString();
          const url = asQuery || method === "GET" ? `${concrete}?${form}` : concrete;
          const { status, body } = await account.rest(method, url, form, {
            "X-Twilio-Webhook-Enabled": "true",
          });
          expect(status === 501 || status < 500, `${method} ${url} ${form}: ${status}`).toBe(true);
          if (status >= 400)
            expect(body).toMatchObject({ status, code: expect.any(Number), message: expect.any(String) });
        },
      ),
      { numRuns: 1500 },
    );
    expect((await account.control("POST", "/settle")).body).toMatchObject({ settled: true });
    expect((await account.rest("GET", `/v1/Conversations?PageSize=1`)).status).toBe(200);
  });

  it("with any bytes as a file end below 500", async () => {
    const account = fixture.current;
    const { url, accountSid, authToken, chatServiceSid } = account.emulator;
    const Authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const type = fc.constantFrom(
      "image/jpeg",
      "multipart/form-data",
      "multipart/form-data; boundary=x",
      "multipart/form-data; boundary=--",
      "application/json",
      "no type",
    );
    const part = '--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\nbytes\r\n--x--';
    const bytes = fc.oneof(fc.uint8Array(), fc.constantFrom("--x", "--x--x", part, "{}").map(Buffer.from));
    const path = fc.constantFrom("Media", "MediaSet", `Media/ME${"0".repeat(32)}/Content`);
    await fc.assert(
      fc.asyncProperty(path, type, bytes, async (suffix, contentType, body) => {
        const init = { method: "POST", headers: { Authorization, "Content-Type": contentType }, body };
        const { status } = await fetch(`${url}/v1/Services/${chatServiceSid}/${suffix}`, init);
        expect(status, `${suffix} ${contentType} ${Buffer.from(body)}`).toBeLessThan(500);
      }),
      { numRuns: 100 },
    );
  });

  it("with any path, method and body end below 500, or in a 501", async () => {
    const account = fixture.current;
    const method = fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");
    // The path "/" is a page for people.
    const path = fc
      .array(value, { maxLength: 5 })
      .map((parts) => `/${parts.map(encodeSegment).join("/")}`)
      .filter((text) => text !== "/");
    await fc.assert(
      fc.asyncProperty(method, path, fc.string(), async (verb, target, body) => {
        const { status } = await account.rest(verb, target, body);
        expect(status === 501 || status < 500, `${verb} ${target}: ${status}`).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("with any JSON make no defect of the content API or the control API", async () => {
    const account = fixture.current;
    const json = fc.oneof(fc.json(), contentBody());
    const type = { "Content-Type": "application/json" };
    const conversation = await account.conversation();
    await conversation.participants.create({
      "messagingBinding.address": "whatsapp:+15558675310",
      "messagingBinding.proxyAddress": account.emulator.whatsappNumber,
    });
    const { sid } = await conversation.fetch();
    await fc.assert(
      fc.asyncProperty(json, async (body) => {
        const content = await account.rest("POST", "/v1/Content", body, type);
        expect(content.status, body).toBeLessThan(500);
        const sending = await account.rest(
          "POST",
          `/v1/Conversations/${sid}/Messages`,
          `ContentSid=${content.body.sid}`,
        );
        expect(sending.status, body).toBeLessThan(500);
        const phone = await fetch(`${account.emulator.controlUrl}/phones/%2B15558675310/messages`, {
          method: "POST",
          body,
        });
        expect(phone.status, body).toBeLessThan(500);
        const advance = await fetch(`${account.emulator.controlUrl}/clock/advance`, { method: "POST", body });
        expect(advance.status, body).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });
});

/** Templates that get past the first checks, to be rendered when they are sent. */
function contentBody() {
  const part = fc.oneof(
    fc.jsonValue(),
    fc.record({ body: fc.jsonValue(), actions: fc.jsonValue(), media: fc.jsonValue() }),
  );
  const types = fc.dictionary(
    fc.constantFrom("twilio/text", "twilio/quick-reply", "twilio/card", "twilio/list-picker"),
    part,
  );
  return fc
    .record({ language: fc.constant("en"), types, variables: fc.jsonValue() })
    .map((body) => JSON.stringify(body));
}

/** Percent-encodes a path segment; half a surrogate pair has no encoding and becomes a letter. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/g, "s"));
}
