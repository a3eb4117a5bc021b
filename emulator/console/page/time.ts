import { partOf } from "./dom.ts";
import { nowOf, type State } from "./state.ts";
import { dateAndTime, spanOf } from "./text.ts";

/** Shows what goes on by itself while the clock runs: the time, and what is left of the countdowns on the page. */
export function showTime(state: State): void {
  if (state.clockReadAt === 0) return;
  const now = nowOf(state);
  partOf("now", HTMLElement).textContent = dateAndTime(now);
  for (const element of document.querySelectorAll<HTMLElement>("[data-until]"))
    element.textContent = spanOf(Date.parse(element.dataset.until ?? "") - now);
}
