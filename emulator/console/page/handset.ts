import { post, reasonOf } from "./api.ts";
import { channelOf, numberOf } from "./channels.ts";
import { make } from "./dom.ts";
import type { State } from "./state.ts";

/** The controls of a phone. */
export interface Handset {
  /** The menu of its states. */
  readonly menu: HTMLElement;
  /** The numbers of undelivered and unread messages; hidden when both are 0. */
  readonly bar: HTMLElement;
  render(state: State): void;
}

/** Changes the state of a phone, and marks its messages as read. `fail` reports errors. */
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
      const waiting = count === 0 ? [] : [`${count} pending until it is on`];
      summary.textContent = [...waiting, ...(read.hidden ? [] : [`${unread.length} unread`])].join(", ");
      bar.hidden = summary.textContent === "";
    },
  };
}
