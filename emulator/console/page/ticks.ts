import { make } from "./dom.ts";

const signs: ReadonlyMap<string, string> = new Map([
  ["sent", "✓"],
  ["delivered", "✓✓"],
  ["read", "✓✓"],
]);

/** The delivery status of a message as ticks, as in messengers; a failed one has a cross. */
export function ticks(status: string, details = status): HTMLElement {
  const attributes = { class: `ticks ${status}`, role: "img", "aria-label": details, title: details };
  return make("span", attributes, signs.get(status) ?? "✕");
}
