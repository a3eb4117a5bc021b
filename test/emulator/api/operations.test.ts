import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { allOperations } from "../../../emulator/api/operations.ts";
import type { Violation } from "../../../emulator/domain/rule.ts";

const folder = new URL("../../../emulator/domain/rules/", import.meta.url);
const tables: Record<string, Record<string, Violation>>[] = await Promise.all(
  readdirSync(folder).map((name) => import(new URL(name, folder).href)),
);

/** What no operation refuses by: what is refused before the operation is known, and what only SDKs can ask for. */
const elsewhere = new Set([
  "request.methodNotAllowed",
  "message.tooManyMedia",
  "token.pushCredentialMissing",
  "permission.missing",
  "permission.notMember",
  "permission.channelMetadata",
]);

it("Every rule of the tables is listed by an operation", () => {
  const listed = new Set(allOperations.flatMap(({ rules }) => rules.map(({ id }) => id)));
  const defined = tables.flatMap((table) =>
    Object.values(table).flatMap((rules) => Object.values(rules).map(({ id }) => id)),
  );
  expect(defined.length).toBeGreaterThan(150);
  expect(defined.filter((id) => !listed.has(id) && !elsewhere.has(id))).toEqual([]);
});

it("Every rule names its source, and no two have the same name", () => {
  const rules = new Map<string, Violation>();
  for (const rule of allOperations.flatMap((operation) => operation.rules)) {
    expect(rules.get(rule.id) ?? rule).toBe(rule);
    rules.set(rule.id, rule);
    expect(["documented", "observed", "assumed"]).toContain(rule.source);
    expect(rule.ref.length).toBeGreaterThan(10);
  }
});
