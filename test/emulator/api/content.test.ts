import { describe, expect, it } from "vitest";
import { refusal, useBench } from "../support/emulator.ts";

const bench = useBench();
const contents = () => bench.current.client.content.v1.contents;
const text = { "twilio/text": { body: "Hi {{1}}" } };

describe("a content template", () => {
  it("has the fields of the API's own example", async () => {
    const b = bench.current;
    const sid = await b.template(text, undefined, { 1: "name" });
    const { body } = await b.rest("GET", `/v1/Content/${sid}`);
    const self = `${b.emulator.url}/v1/Content/${sid}`;
    expect(body).toEqual({
      sid: expect.stringMatching(/^HX[0-9a-f]{32}$/),
      account_sid: b.emulator.accountSid,
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
    const first = await bench.current.template(text);
    const second = await bench.current.template(text);
    expect((await contents().list({ pageSize: 1 })).map(({ sid }) => sid)).toEqual([first, second]);
    await contents()(first).remove();
    expect(await refusal(contents()(first).fetch())).toBe("404/20404");
  });

  it("is submitted for approval once, and waits for the word of the control API", async () => {
    const sid = await bench.current.template(text);
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
    expect(await refusal(contents()(sid).approvalCreate.create(request))).toBe("400/92009");
    const decision = { status: "rejected", rejectionReason: "TAG_CONTENT_MISMATCH" };
    await bench.current.control("POST", `/content/${sid}/approval`, decision);
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
    ['{"language":"en","types":{"__proto__":{}}}', 92008],
    ['{"language":"en","types":{"twilio/text":"x"}}', 92008],
    ['{"types":{"twilio/text":{"body":"x"}}}', 92003],
    ['{"language":7,"types":{"twilio/text":{"body":"x"}}}', 92004],
    ['{"language":"en","variables":[],"types":{"twilio/text":{"body":"x"}}}', 92007],
    ['{"language":"en","variables":{"1":2},"types":{"twilio/text":{"body":"x"}}}', 92007],
  ])("is refused for %s", async (json, code) => {
    const { body } = await bench.current.rest("POST", "/v1/Content", json, {
      "Content-Type": "application/json",
    });
    expect(body).toMatchObject({ code, status: 400 });
  });
});

describe("a content template that is there", () => {
  const json = { "Content-Type": "application/json" };

  it("can be changed until it is submitted", async () => {
    const b = bench.current;
    const sid = await b.template({ "twilio/text": { body: "Hello" } });
    const changed = await b.rest(
      "PUT",
      `/v1/Content/${sid}`,
      '{"types":{"twilio/text":{"body":"Hi"}}}',
      json,
    );
    expect(changed).toMatchObject({
      status: 200,
      body: { sid, friendly_name: "a_template", types: { "twilio/text": { body: "Hi" } } },
    });
    await b.rest(
      "POST",
      `/v1/Content/${sid}/ApprovalRequests/whatsapp`,
      '{"name":"a","category":"UTILITY"}',
      json,
    );
    const { body } = await b.rest("PUT", `/v1/Content/${sid}`, '{"friendly_name":"x"}', json);
    expect(body).toMatchObject({ status: 400, code: 92009 });
  });

  it("is listed with its approval, and in version 2 by name, language and type", async () => {
    const b = bench.current;
    const text = await b.template({ "twilio/text": { body: "Hello" } });
    const approved = await b.template({ "twilio/quick-reply": { body: "Hello", actions: [] } }, "approved");
    const { contents } = (await b.rest("GET", "/v1/ContentAndApprovals")).body;
    expect(contents).toMatchObject([
      { sid: text, approval_requests: { status: "unsubmitted", name: "" } },
      { sid: approved, approval_requests: { status: "approved", content_type: "twilio/quick-reply" } },
    ]);
    const sids = async (query: string) => {
      const { body } = await b.rest("GET", `/v2/Content?${query}`);
      return (body.contents as { sid: string }[]).map(({ sid }) => sid);
    };
    expect(await sids("ContentType=twilio%2Ftext")).toEqual([text]);
    expect(await sids("Language=en,de&ContentName=a_template")).toEqual([text, approved]);
    expect(await sids("Language=de")).toEqual([]);
    expect((await b.rest("GET", "/v1/LegacyContent")).body).toMatchObject({ contents: [] });
  });
});
