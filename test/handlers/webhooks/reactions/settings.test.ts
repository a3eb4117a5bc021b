import { describe, expect, it } from "vitest";
import { Call } from "../../../../core/call.ts";
import { createLog } from "../../../../core/log.ts";
import { FAILURE_KINDS, isOfKind } from "../../../../core/twilio/delivery-errors.ts";
import { reactions } from "../../../../handlers/webhooks/reactions/settings.ts";
import { role } from "../../../../tools/local/lambda/aws-signature.ts";

const open = (settings: unknown, more: Record<string, string> = {}) =>
  reactions.open({ POST_EVENT_REACTIONS: JSON.stringify(settings), ...more })(
    new Call("r1", Date.now()),
    createLog(() => undefined, {}),
  );
const namesOf = (settings: unknown, more?: Record<string, string>) =>
  open(settings, more).map(({ name }) => name);

describe("the reactions of a deployment", () => {
  it("are the configured ones, in their order, and always the first message's", () => {
    expect(namesOf({})).toEqual(["firstMessage"]);
    const newConversation = {
      welcome: "Hello",
      responder: { flowSid: `FW${"0".repeat(32)}` },
      agent: { identity: "alice" },
    };
    const settings = {
      archive: "log",
      whenInactive: "close",
      followUp: [{ do: "tell-agent" }],
      newConversation,
    };
    expect(namesOf(settings)).toEqual([
      "agent",
      "responder",
      "welcome",
      "followUp",
      "whenInactive",
      "archive",
      "firstMessage",
    ]);
  });

  it.each([
    ["an unknown reaction", { archiv: "log" }, "archiv"],
    ["an unknown kind of failure", { followUp: [{ errors: ["bad-luck"], do: "close" }] }, "opted-out"],
    ["an unknown source", { newConversation: { onlySources: ["MMS"] } }, "MESSENGER, RCS"],
    ["an agent without an identity", { newConversation: { agent: {} } }, "least-recent"],
    ["a rotation without agents", { newConversation: { agent: { rule: "rotation", agents: [] } } }, "agent"],
    ["an invalid bucket name", { archive: { bucket: "My_Bucket" } }, "bucket"],
    ["no object", 7, "POST_EVENT_REACTIONS"],
    ["a hook without the secret", { archive: { url: "https://example.com" } }, "HOOK_SECRET is missing"],
    ["a bucket without a role", { archive: { bucket: "my-archive" } }, "AWS_ACCESS_KEY_ID is missing"],
  ])("are rejected at cold start with %s", (_what, settings, message) => {
    expect(() => open(settings)).toThrow(message);
  });

  it.each(["API", "SDK", "SMS", "WHATSAPP", "MESSENGER", "RCS"])("accept the source %s", (source) => {
    const newConversation = { welcome: "Hello", onlySources: [source] };
    expect(namesOf({ newConversation })).toContain("welcome");
  });

  it("accept a bucket with a role, and hooks with a secret", () => {
    expect(namesOf({ archive: { bucket: "my-archive" } }, role)).toContain("archive");
    const newConversation = { agent: { hookUrl: "https://example.com/route" } };
    expect(namesOf({ newConversation }, { HOOK_SECRET: "a secret of the deployment" })).toContain("agent");
  });
});

describe("the kinds of failures", () => {
  it.each([
    [63013, "content"],
    [63021, "content"],
    [63040, "content"],
    [30032, "sender"],
    [30034, "sender"],
    [63015, "sender"],
    [63007, "sender"],
    [30007, "blocked"],
    [30036, "failure"],
    [63010, "failure"],
    [21611, "overload"],
    [63107, "unreachable"],
  ])("classify %i as %s", (code, kind) => {
    expect(FAILURE_KINDS.filter((one) => isOfKind(code, one))).toEqual([kind]);
  });

  it("have no error code in common", () => {
    for (let code = 21_000; code < 64_000; code++) {
      expect(FAILURE_KINDS.filter((kind) => isOfKind(code, kind)).length).toBeLessThan(2);
    }
  });
});
