import { describe, expect, it } from "vitest";
import { openLog } from "../../core/log.ts";

function logged(fields: Record<string, unknown>, secrets: string[] = []): string {
  const lines: string[] = [];
  openLog((_level, line) => lines.push(line), secrets)({ requestId: "r1" }).error("happened", fields);
  return lines.join();
}

describe("createLog", () => {
  it("truncates a long text, and a line that is still too long", () => {
    const long = "x".repeat(2_000_000);
    expect(logged({ reason: long, error: new Error(long) }).length).toBeLessThan(10_000);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, long]));
    expect(JSON.parse(logged(many))).toMatchObject({ event: "happened", requestId: "r1" });
    expect(logged(many).length).toBeLessThan(10_000);
    expect(logged({ ndjson: "x".repeat(32_000) }).length).toBeGreaterThan(32_000);
  });

  it("writes one JSON object with the level, the event and the request's id", () => {
    expect(JSON.parse(logged({ status: 200 }))).toEqual({
      level: "error",
      event: "happened",
      requestId: "r1",
      status: 200,
    });
  });

  it.each([
    "token",
    "accessToken",
    "password",
    "Authorization",
    "x-twilio-signature",
    "apiKeySecret",
    "TWILIO_API_KEY_SECRET",
  ])("redacts a field named %s at any depth", (name) => {
    const fields = { [name]: "hunter22", nested: [{ [name]: "hunter22" }] };
    expect(logged(fields)).not.toContain("hunter22");
    // Names are remembered.
    expect(logged(fields)).not.toContain("hunter22");
  });

  it.each(["body", "Body", "attributes", "contentVariables", "waitText", "MessageBody"])(
    "redacts a message's %s and keeps its length",
    (name) => {
      const line = logged({ [name]: "meet me at nine" });
      expect(line).not.toContain("nine");
      expect(line).toContain("15 characters");
    },
  );

  it("redacts after more names than it remembers", () => {
    const names = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`n${index}`, index]));
    for (const password of ["hunter22", "hunter23"])
      expect(logged({ ...names, password, ok: "kept" })).toMatch(/"password":"\[redacted\]","ok":"kept"/);
  });

  it("removes secret values from messages, stacks and URLs", () => {
    const secret = 'a "quoted" secret';
    const error = new Error(`GET https://x/?key=${secret}`, { cause: new Error(secret) });
    const line = logged({ error, url: `https://x/${secret}` }, [secret]);
    expect(line).not.toContain("quoted");
    expect(() => JSON.parse(line)).not.toThrow();
  });

  it("logs an error's codes, stack and cause, and none of its other properties", () => {
    const error = Object.assign(new Error("refused"), {
      code: 50416,
      status: 409,
      config: { data: "Body=private" },
    });
    const line = logged({ error: new Error("failed", { cause: error }) });
    expect(JSON.parse(line).error.cause).toMatchObject({
      name: "Error",
      message: "refused",
      code: 50416,
      status: 409,
    });
    expect(line).not.toContain("private");
  });
});
