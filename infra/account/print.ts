import type { Change } from "./change.ts";

const SIGNS = { create: "+", update: "~", delete: "-" } as const;

/** A change as lines: its subject, and each field that differs. */
export function describeChange({ action, subject, differences }: Change): string {
  const fields = differences.map(({ field, from, to }) =>
    action === "create" ? `    ${field}: ${show(to)}` : `    ${field}: ${showChange(from, to)}`,
  );
  return [`${SIGNS[action]} ${action} ${subject}`, ...fields].join("\n");
}

/** The number of changes by action. */
export function countChanges(changes: readonly Change[]): string {
  const count = (wanted: Change["action"]) => changes.filter(({ action }) => action === wanted).length;
  return `${count("create")} to create, ${count("update")} to update, ${count("delete")} to delete.`;
}

/** Added and removed members of lists. */
function showChange(from: unknown, to: unknown): string {
  if (!Array.isArray(from) || !Array.isArray(to) || from.length === 0) return `${show(from)} → ${show(to)}`;
  const gone = from.filter((item) => !to.includes(item)).map((item) => `-${item}`);
  const come = to.filter((item) => !from.includes(item)).map((item) => `+${item}`);
  return [...gone, ...come].join(" ");
}

function show(value: unknown): string {
  if (value === undefined || value === null || value === "") return "(none)";
  if (Array.isArray(value)) return value.length === 0 ? "(none)" : [...value].sort().join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Removes secrets from a text: known secret values, and passwords in URLs. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text.replace(/(https?:\/\/[^\s/:@]*):[^\s/@]*@/g, "$1:***@");
  // The longest first, since one may be part of another.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length))
    clean = clean.replaceAll(secret, "***");
  return clean;
}
