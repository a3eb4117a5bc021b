import { expect, it } from "vitest";
import { createLog } from "../../../core/log.ts";
import { lineReader } from "../../../tools/local/log-line.ts";

it("a line of the functions' log becomes one readable line, with the reasons of an error", () => {
  const lines: string[] = [];
  const log = createLog((_level, line) => lines.push(line), { requestId: "r1", handler: "whatsapp/send" });
  log.info("answered", { method: undefined, status: 201, durationMs: 35, note: "a\nb\n" });
  log.error("failed", { error: new Error("It broke", { cause: new TypeError("x is not a function") }) });
  const [answered, failed] = lines.map(lineReader());
  expect(answered).toEqual({
    text: "whatsapp/send answered requestId=r1 status=201 durationMs=35 note=a\\nb",
    isError: false,
  });
  expect(failed?.isError).toBe(true);
  expect(failed?.text).toMatch(
    /^whatsapp\/send failed requestId=r1 error=Error: It broke \| at .* \| TypeError: x is not a function \| at [^\n]*$/,
  );
});

it("a refused call has one line, with the reason", () => {
  const lines: string[] = [];
  const print = (_level: string, line: string) => lines.push(line);
  const refused = createLog(print, { requestId: "r1", handler: "token" });
  refused.warn("refused", { status: 401, code: "unauthenticated" });
  createLog(print, { requestId: "r2", handler: "token" }).info("answered", { status: 200 });
  refused.info("answered", { status: 401 });
  expect(lines.map(lineReader()).map((line) => line?.text)).toEqual([
    "token refused requestId=r1 status=401 code=unauthenticated",
    "token answered requestId=r2 status=200",
    undefined,
  ]);
});

it.each([
  ["http://localhost:3000/token", undefined],
  ["200 POST /token │ Response Type application/json", undefined],
  ["404 POST /token │ Response Type application/json", undefined],
  ["401 GET /token-service?identity=alice&password=bad │ Response Type text/html", undefined],
  [
    "404 GET /token-servic?identity=alice&password=bad │ Response Type text/html",
    { text: "GET /token-servic?… 404", isError: true },
  ],
  ["404 POST /tokem │ Response Type text/html", { text: "POST /tokem 404", isError: true }],
  ["SyntaxError: Unexpected token", { text: "SyntaxError: Unexpected token", isError: true }],
  ["    at JSON.parse (<anonymous>)", undefined],
  ["{ not JSON", undefined],
])("the runtime's line %j", (line, readable) => {
  expect(lineReader()(line)).toEqual(readable);
});
