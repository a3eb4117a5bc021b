import type { PhoneMessage } from "./api.ts";
import { make } from "./dom.ts";
import { timeOf } from "./text.ts";
import { ticks } from "./ticks.ts";

/** What a bubble needs to know beside its message. */
export interface BubbleOptions {
  /** Who wrote it, in a chat of several. */
  readonly author: string | undefined;
  /** One of six colours for the author. */
  readonly hue: number;
  /** The person presses a button of the message. */
  readonly press: (title: string) => void;
}

/** A message on a phone. */
export function bubble(message: PhoneMessage, { author, hue, press }: BubbleOptions): HTMLElement {
  const { direction, body, media, buttons, at, status, conversationSid } = message;
  const item = make("li", { class: `bubble ${direction}` });
  if (author !== undefined) item.append(make("span", { class: `author hue-${hue}` }, author));
  for (const url of media) item.append(attachment(url));
  if (body !== "") item.append(make("p", { class: "body" }, body));
  const meta = make("span", { class: "meta" }, make("time", { datetime: at }, timeOf(at).slice(0, 5)));
  meta.append(" ", ticks(status));
  if (conversationSid === null) {
    const title = "No conversation has taken it";
    meta.prepend(make("span", { class: "lost", title }, "no conversation"), " ");
  }
  item.append(meta);
  if (buttons.length > 0) item.append(choices(buttons, press));
  return item;
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

/** Pictures that came with their bytes are shown; of others only a link: the page loads nothing from elsewhere. */
function attachment(url: string): HTMLElement {
  if (/^data:image\/(png|jpeg|gif|webp)[;,]/i.test(url))
    return make("img", { class: "picture", src: url, alt: "Picture that was sent" });
  if (!/^https?:\/\//i.test(url)) return make("span", { class: "attachment" }, nameOf(url));
  const link = { class: "attachment", href: url, target: "_blank", rel: "noopener noreferrer", title: url };
  return make("a", link, nameOf(url));
}

function nameOf(url: string): string {
  if (url.startsWith("data:")) return /^data:([^;,]*)/.exec(url)?.[1] || "text/plain";
  return URL.canParse(url) ? new URL(url).pathname.split("/").at(-1) || url : url;
}
