import { partOf } from "./dom.ts";
import { nowOf, type State } from "./state.ts";
import { dateAndTime, spanOf } from "./text.ts";

/** Updates the time and the countdowns on the page while the clock runs. */
export function showTime(state: State): void {
  if (state.clockReadAt === 0) return;
  const now = nowOf(state);
  partOf("now", HTMLElement).textContent = dateAndTime(now);
  for (const element of document.querySelectorAll<HTMLElement>("[data-until]"))
    element.textContent = spanOf(Date.parse(element.dataset.until ?? "") - now);
}
