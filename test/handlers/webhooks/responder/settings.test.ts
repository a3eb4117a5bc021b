import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import handler from "../../../../handlers/webhooks/conversation.ts";
import { root } from "../../../../infra/endpoints.ts";

const open = (settings: unknown) => () =>
  handler.open(
    {
      ACCOUNT_SID: `AC${"0".repeat(32)}`,
      AUTH_TOKEN: "x".repeat(32),
      CONVERSATION_RESPONDER: typeof settings === "string" ? settings : JSON.stringify(settings),
    },
    () => undefined,
    "test",
  );
const answer = { keywords: ["hours"], text: "Nine to five." };
const openingHours = { timeZone: "UTC", week: {}, closedText: "Closed." };

describe("CONVERSATION_RESPONDER", () => {
  it("accepts valid settings", () => {
    const handOver = { keywords: ["agent"], identities: ["alice"] };
    const week = { mon: ["09:00-12:30", "13:30-24:00"], sun: [] };
    expect(
      open({
        answers: [answer],
        handOver,
        openingHours: { ...openingHours, week, holidays: ["2026-12-25"] },
      }),
    ).not.toThrow();
  });

  it("accepts the settings in the documentation", () => {
    const page = readFileSync(join(root, "docs/endpoints/webhooks/conversation.md"), "utf8");
    const [, example] = /`CONVERSATION_RESPONDER`[\s\S]*?```json\n([\s\S]*?)```/.exec(page) ?? [];
    expect(open(example)).not.toThrow();
  });

  it.each([
    ["", "CONVERSATION_RESPONDER is missing"],
    ["{", "CONVERSATION_RESPONDER must be a JSON object of settings"],
    [{ answer: [] }, "at answer, has a setting that does not exist"],
    [{ answers: [{ ...answer, texts: "" }] }, "at answers.0.texts, has a setting that does not exist"],
    [{ answers: [{ keywords: ["hours"] }] }, "at answers.0.text, is missing"],
    [{ answers: [{ ...answer, keywords: [] }] }, "at answers.0.keywords, must contain a keyword"],
    [{ answers: [{ ...answer, keywords: ["?!"] }] }, "at answers.0.keywords.0, contains no word"],
    [{ answers: [{ ...answer, text: "x".repeat(1_601) }] }, "is longer than 1600 characters"],
    [{ handOver: { keywords: ["a"], identities: [] } }, "at handOver.identities, must contain an identity"],
    [
      { openingHours: { ...openingHours, timeZone: "Mars" } },
      "at openingHours.timeZone, must be an IANA time zone",
    ],
    [
      { openingHours: { ...openingHours, week: { monday: [] } } },
      "at openingHours.week.monday, has a setting",
    ],
    [
      { openingHours: { ...openingHours, week: { mon: ["9-17"] } } },
      "at openingHours.week.mon.0, must be hours",
    ],
    [
      { openingHours: { ...openingHours, week: { mon: ["22:00-02:00"] } } },
      "mon.0, must end after it begins",
    ],
    [
      { openingHours: { ...openingHours, holidays: ["25.12."] } },
      "at openingHours.holidays.0, must be a date",
    ],
    [{ mostAnswersPerHour: 0 }, "at mostAnswersPerHour, "],
  ])("rejects %j, and names the setting", (settings, message) => {
    expect(open(settings)).toThrow(message);
  });
});
