import { expect, it } from "vitest";
import { createLog } from "../../../core/log.ts";
import { readableLine } from "../../../tools/local/log-line.ts";

it("a line of the functions' log becomes one readable line, with the reasons of an error", () => {
  const lines: string[] = [];
  const log = createLog((_level, line) => lines.push(line), { requestId: "r1", handler: "whatsapp/send" });
  log.info("answered", { method: undefined, status: 201, durationMs: 35, note: "a\nb\n" });
  log.error("failed", { error: new Error("It broke", { cause: new TypeError("x is not a function") }) });
  const [answered, failed] = lines.map((line) => readableLine(line));
  expect(answered).toEqual({
    text: "whatsapp/send answered requestId=r1 status=201 durationMs=35 note=a\\nb",
    isError: false,
  });
  expect(failed?.isError).toBe(true);
  expect(failed?.text).toMatch(
    /^whatsapp\/send failed requestId=r1 error=Error: It broke \| at .* \| TypeError: x is not a function \| at [^\n]*$/,
  );
});

it.each([
  ["http://localhost:3000/token", undefined],
  ["200 POST /token │ Response Type application/json", undefined],
  ["404 POST /token │ Response Type application/json", undefined],
  ["404 POST /tokem │ Response Type text/html", { text: "POST /tokem 404", isError: true }],
  ["SyntaxError: Unexpected token", { text: "SyntaxError: Unexpected token", isError: true }],
  ["    at JSON.parse (<anonymous>)", undefined],
  ["{ not JSON", undefined],
])("the runtime's line %j", (line, readable) => {
  expect(readableLine(line)).toEqual(readable);
});
