import type { PhoneMessage } from "./api.ts";
import { attachment, linkTo } from "./attachment.ts";
import { make } from "./dom.ts";
import { timeOf } from "./text.ts";
import { ticks } from "./ticks.ts";

/** How to show a message. */
export interface BubbleOptions {
  /** Who wrote it, in a chat of several. */
  readonly author: string | undefined;
  /** One of six colours for the author. */
  readonly hue: number;
  /** Called when the user presses a button of the message. */
  readonly press: (title: string) => void;
  /** The message as it was read last. */
  readonly latest: () => PhoneMessage | undefined;
}

/** A message on a phone. */
export function bubble(message: PhoneMessage, { author, hue, press, latest }: BubbleOptions): HTMLElement {
  const { direction, body, media, buttons, links, location, at, status } = message;
  const item = make("li", { class: `bubble ${direction}` });
  if (author !== undefined) item.append(make("span", { class: `author hue-${hue}` }, author));
  for (const [index, url] of media.entries())
    item.append(attachment(url, () => latest()?.media[index] ?? url));
  if (body !== "") item.append(make("p", { class: "body" }, body));
  if (location !== null)
    item.append(make("span", { class: "attachment" }, `${location.latitude}, ${location.longitude}`));
  for (const { title, url } of links) item.append(linkTo(url, title));
  const meta = make("span", { class: "meta" }, make("time", { datetime: at }, timeOf(at).slice(0, 5)));
  meta.append(" ", ticks(status));
  if (message.conversationSid === null) {
    const title = "It was not routed to a conversation";
    meta.prepend(make("span", { class: "lost", title }, "no conversation"), " ");
  }
  item.append(meta);
  if (buttons.length > 0) item.append(choices(buttons, press));
  return item;
}

/** The key by which a bubble is compared with an earlier one. The query of media links changes with each read. */
export function looksOf(message: PhoneMessage): unknown {
  return {
    ...message,
    media: message.media.map((url) => (url.startsWith("data:") ? url : url.split("?")[0])),
  };
}

function choices(titles: readonly string[], press: (title: string) => void): HTMLElement {
  const group = make("div", { class: "choices", role: "group", "aria-label": "Answers" });
  for (const title of titles) {
    const button = make("button", { type: "button" }, title);
    button.addEventListener("click", () => press(title));
    group.append(button);
  }
  return group;
}
