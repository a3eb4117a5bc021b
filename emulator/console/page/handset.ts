import { post, reasonOf } from "./api.ts";
import { channelOf, numberOf } from "./channels.ts";
import { make } from "./dom.ts";
import type { State } from "./state.ts";

/** What the person does with the phone itself. */
export interface Handset {
  /** Whether it is on, to choose from. */
  readonly menu: HTMLElement;
  /** What waits to be delivered, and what to be read; hidden when nothing does. */
  readonly bar: HTMLElement;
  render(state: State): void;
}

/** Switches a phone off or makes it unreachable, and reads what it shows. `fail` reports errors. */
export function handset(address: string, fail: (reason: string) => void): Handset {
  const channel = channelOf(address);
  const name = numberOf(address);
  const path = `/phones/${encodeURIComponent(address)}`;
  const options = channel.states.map((choice) => make("option", { value: choice }, choice));
  const menu = make("select", { "aria-label": `State of ${name}` }, ...options);
  const read = make("button", { type: "button", "aria-label": `Read everything on ${name}` }, "Read");
  const summary = make("span");
  const bar = make("div", { class: "handset" }, summary, read);
  const ask = (to: string, body: object) =>
    void post(to, body).catch((error: unknown) => fail(reasonOf(error)));
  menu.addEventListener("change", () => ask(path, { state: menu.value }));
  read.addEventListener("click", () => ask(`${path}/read`, {}));
  return {
    menu,
    bar,
    render({ handsets, inboxes }) {
      const { state, waiting: count } = handsets.get(address) ?? { state: "on", waiting: 0 };
      menu.value = state;
      menu.className = state === "on" ? "phone-state" : "phone-state disturbed";
      const inbox = inboxes.get(address) ?? [];
      const unread = inbox.filter((message) => message.direction === "in" && message.status === "delivered");
      read.hidden = !channel.reportsReads || unread.length === 0;
      const waiting = count === 0 ? [] : [`${count} waiting until it is on`];
      summary.textContent = [...waiting, ...(read.hidden ? [] : [`${unread.length} unread`])].join(", ");
      bar.hidden = summary.textContent === "";
    },
  };
}
