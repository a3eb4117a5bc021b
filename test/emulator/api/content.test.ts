import { describe, expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const contents = () => fixture.current.client.content.v1.contents;
const text = { "twilio/text": { body: "Hi {{1}}, how are you?" } };

describe("a content template", () => {
  it("has the fields of the API's own example", async () => {
    const account = fixture.current;
    const sid = await account.template(text, undefined, { 1: "name" });
    const { body } = await account.rest("GET", `/v1/Content/${sid}`);
    const self = `${account.emulator.url}/v1/Content/${sid}`;
    expect(body).toEqual({
      sid: expect.stringMatching(/^HX[0-9a-f]{32}$/),
      account_sid: account.emulator.accountSid,
      friendly_name: "a_template",
      language: "en",
      variables: { 1: "name" },
      types: text,
      url: self,
      date_created: "2026-01-05T10:00:00Z",
      date_updated: "2026-01-05T10:00:00Z",
      links: {
        approval_create: `${self}/ApprovalRequests/whatsapp`,
        approval_fetch: `${self}/ApprovalRequests`,
      },
    });
  });

  it("is listed and deleted", async () => {
    const first = await fixture.current.template(text);
    const second = await fixture.current.template(text);
    expect((await contents().list({ pageSize: 1 })).map(({ sid }) => sid)).toEqual([first, second]);
    await contents()(first).remove();
    expect(await rejection(contents()(first).fetch())).toBe("404/20404");
  });

  it("is submitted for approval once, and waits for the word of the control API", async () => {
    const sid = await fixture.current.template(text, undefined, { 1: "Ann" });
    const approval = async () => (await contents()(sid).approvalFetch().fetch()).whatsapp;
    expect(await approval()).toMatchObject({ status: "unsubmitted" });
    const request = { name: "greeting", category: "UTILITY" } as never;
    const created = await contents()(sid).approvalCreate.create(request);
    expect(created).toMatchObject({
      name: "greeting",
      category: "UTILITY",
      status: "received",
      rejectionReason: "",
    });
    expect(await rejection(contents()(sid).approvalCreate.create(request))).toBe("400/92009");
    const decision = { status: "rejected", rejectionReason: "TAG_CONTENT_MISMATCH" };
    await fixture.current.control("POST", `/content/${sid}/approval`, decision);
    expect(await approval()).toEqual({
      type: "whatsapp",
      name: "greeting",
      category: "UTILITY",
      content_type: "twilio/text",
      status: "rejected",
      rejection_reason: "TAG_CONTENT_MISMATCH",
      allow_category_change: true,
    });
  });

  it.each([
    ["not json", 20422],
    ["[]", 20422],
    ["{}", 92001],
    ['{"language":"en","types":{}}', 92001],
    ['{"language":"en","types":{"twilio/button":{}}}', 92008],
    ['{"language":"en","types":{"__proto__":{}}}', 92001],
    ['{"language":"en","types":{"twilio/text":"x"}}', 20422],
    ['{"types":{"twilio/text":{"body":"x"}}}', 92003],
    ['{"language":7,"types":{"twilio/text":{"body":"x"}}}', 92004],
    ['{"language":"en","variables":[],"types":{"twilio/text":{"body":"x"}}}', 92007],
    ['{"language":"en","variables":{"1":2},"types":{"twilio/text":{"body":"x"}}}', 92007],
  ])("is refused for %s", async (json, code) => {
    const { body } = await fixture.current.rest("POST", "/v1/Content", json, {
      "Content-Type": "application/json",
    });
    expect(body).toMatchObject({ code, status: 400 });
  });
});

describe("a content template that is there", () => {
  const json = { "Content-Type": "application/json" };

  it("can be changed until it is submitted", async () => {
    const account = fixture.current;
    const sid = await account.template({ "twilio/text": { body: "Hello" } });
    const changed = await account.rest(
      "PUT",
      `/v1/Content/${sid}`,
      '{"types":{"twilio/text":{"body":"Hi"}}}',
      json,
    );
    expect(changed).toMatchObject({
      status: 200,
      body: { sid, friendly_name: "a_template", types: { "twilio/text": { body: "Hi" } } },
    });
    await account.rest(
      "POST",
      `/v1/Content/${sid}/ApprovalRequests/whatsapp`,
      '{"name":"a","category":"UTILITY"}',
      json,
    );
    const { body } = await account.rest("PUT", `/v1/Content/${sid}`, '{"friendly_name":"x"}', json);
    expect(body).toMatchObject({ status: 400, code: 92009 });
  });

  it("is listed with its approval, and in version 2 by name, language and type", async () => {
    const account = fixture.current;
    const text = await account.template({ "twilio/text": { body: "Hello" } });
    const approved = await account.template(
      { "twilio/quick-reply": { body: "Hello", actions: [{ title: "Hi" }] } },
      "approved",
    );
    const { contents } = (await account.rest("GET", "/v1/ContentAndApprovals")).body;
    expect(contents).toMatchObject([
      { sid: text, approval_requests: { status: "unsubmitted", name: "" } },
      { sid: approved, approval_requests: { status: "approved", content_type: "twilio/quick-reply" } },
    ]);
    const sids = async (query: string) => {
      const { body } = await account.rest("GET", `/v2/Content?${query}`);
      return (body.contents as { sid: string }[]).map(({ sid }) => sid);
    };
    expect(await sids("ContentType=twilio%2Ftext")).toEqual([text]);
    expect(await sids("Language=en,de&ContentName=a_template")).toEqual([text, approved]);
    expect(await sids("Language=de")).toEqual([]);
    expect((await account.rest("GET", "/v1/LegacyContent")).body).toMatchObject({ contents: [] });
  });
});

describe("the fields of each type", () => {
  const json = { "Content-Type": "application/json" };
  const create = (types: unknown) =>
    fixture.current.rest("POST", "/v1/Content", JSON.stringify({ language: "en", types }), json);
  const long = (length: number) => "x".repeat(length);
  const items = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `${i}`, item: "x" }));
  const buttons = (count: number) => Array.from({ length: count }, (_, i) => ({ title: `${i}`, id: `${i}` }));

  it.each([
    ["text", {}, "body"],
    ["text", { body: "" }, "body"],
    ["text", { body: 7 }, "body"],
    ["text", { body: long(1601) }, "body"],
    ["media", { body: "x" }, "media"],
    ["media", { body: "x", media: [] }, "media"],
    ["media", { body: "x", media: [7] }, "media.0"],
    ["location", { latitude: 1 }, "longitude"],
    ["location", { latitude: "1", longitude: 1 }, "latitude"],
    ["location", { latitude: 91, longitude: 1 }, "latitude"],
    ["quick-reply", { body: "x" }, "actions"],
    ["quick-reply", { body: long(1025), actions: buttons(1) }, "body"],
    ["quick-reply", { body: "x", actions: [] }, "actions"],
    ["quick-reply", { body: "x", actions: buttons(11) }, "actions"],
    ["quick-reply", { body: "x", actions: [{ id: "1" }] }, "actions.0.title"],
    ["quick-reply", { body: "x", actions: [{ title: long(26) }] }, "actions.0.title"],
    ["quick-reply", { body: "x", actions: [{ title: "x", id: long(201) }] }, "actions.0.id"],
    ["quick-reply", { body: "x", actions: [{ title: "x", type: "URL" }] }, "actions.0.type"],
    ["call-to-action", { body: long(641), actions: [] }, "body"],
    ["call-to-action", { body: "x", actions: [{ title: "x" }] }, "actions.0.type"],
    ["call-to-action", { body: "x", actions: [{ type: "URL", title: "x" }] }, "actions.0 needs url"],
    [
      "call-to-action",
      { body: "x", actions: [{ type: "PHONE_NUMBER", title: "x" }] },
      "actions.0 needs phone",
    ],
    ["call-to-action", { body: "x", actions: [{ type: "COPY_CODE", title: "x" }] }, "actions.0 needs code"],
    ["list-picker", { body: "x", items: items(1) }, "button"],
    ["list-picker", { body: "x", button: "x" }, "items"],
    ["list-picker", { body: "x", button: "x", items: [] }, "items"],
    ["list-picker", { body: "x", button: "x", items: items(11) }, "items"],
    ["list-picker", { body: "x", button: "x", items: [{ id: "1" }] }, "items.0.item"],
    ["list-picker", { body: long(1025), button: "x", items: items(1) }, "body"],
    ["card", { title: long(1025), subtitle: "x" }, "title"],
    ["card", { title: "x", subtitle: long(61) }, "subtitle"],
    ["card", { title: "x" }, "another field"],
    ["card", { subtitle: "x", media: ["https://example.com/a.png"] }, "needs title"],
  ])("twilio/%s %j is refused for %s", async (type, fields, field) => {
    const { status, body } = await create({ [`twilio/${type}`]: fields });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 20422, message: expect.stringContaining(field) });
  });

  it("are refused for a type that the Content API does not know", async () => {
    expect((await create({ twilioText: { body: "x" } })).body).toMatchObject({
      code: 92001,
      message: "Invalid types. At least one content type definition is required",
    });
    const both = { "twilio/text": { body: "x" }, "twilio/txt": { body: "x" } };
    expect((await create(both)).body).toMatchObject({ code: 92008 });
  });

  it("are taken up to their limits", async () => {
    const types = {
      "twilio/text": { body: long(1600) },
      "twilio/quick-reply": { body: long(1024), actions: buttons(10) },
      "twilio/list-picker": { body: long(1024), button: long(20), items: items(10) },
      "twilio/card": { title: long(1024), subtitle: long(60) },
    };
    expect((await create(types)).status).toBe(201);
  });
});

describe("what WhatsApp does not review", () => {
  it.each([
    ["{{1}}, hello", { 1: "Ann" }, "begins or ends"],
    ["Hello {{1}}", { 1: "Ann" }, "begins or ends"],
    ["Hello {{1}} {{2}}, you", { 1: "a", 2: "b" }, "beside each other"],
    ["Hello {{1}}, you", {}, "no sample"],
  ])("%s is rejected at once", async (body, variables, reason) => {
    const sid = await fixture.current.template({ "twilio/text": { body } }, undefined, variables);
    const created = await contents()(sid).approvalCreate.create({ name: "a", category: "UTILITY" } as never);
    expect(created).toMatchObject({ status: "rejected", rejectionReason: expect.stringContaining(reason) });
  });

  it.each([
    { "twilio/list-picker": { body: "x", button: "x", items: [{ id: "1", item: "x" }] } },
    { "twilio/location": { latitude: 1, longitude: 1 } },
  ])("%j cannot be submitted", async (types) => {
    const sid = await fixture.current.template(types);
    const call = contents()(sid).approvalCreate.create({ name: "a", category: "UTILITY" } as never);
    expect(await rejection(call)).toBe("400/20422");
  });
});
