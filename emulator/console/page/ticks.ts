import { make } from "./dom.ts";

const signs: ReadonlyMap<string, string> = new Map([
  ["sent", "✓"],
  ["delivered", "✓✓"],
  ["read", "✓✓"],
]);

/** How far a message got, in the ticks that messengers show; what failed has a cross. */
export function ticks(status: string, details = status): HTMLElement {
  const attributes = { class: `ticks ${status}`, role: "img", "aria-label": details, title: details };
  return make("span", attributes, signs.get(status) ?? "✕");
}
