import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../infra/endpoints.ts";

const PAGES = { CONVERSATION_RESPONDER: "webhooks/conversation" } as const;

/** The documented example of a JSON setting. */
export function exampleOf(name: keyof typeof PAGES): Record<string, unknown> {
  const page = readFileSync(join(root, "docs/endpoints", `${PAGES[name]}.md`), "utf8");
  const [, json = ""] = /^```json\n([\s\S]*?)^```$/m.exec(page) ?? [];
  return JSON.parse(json);
}
