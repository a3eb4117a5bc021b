import type { Media, Message } from "@twilio/conversations";
import { read } from "./connection.ts";
import { ask, button, make } from "./dom.ts";
import { attempt, attemptChange } from "./problems.ts";
import { texts } from "./texts.ts";

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const UNITS = ["B", "kB", "MB"] as const;

function sizeOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${Math.round(bytes / 1_000 ** power)} ${UNITS[power]}`;
}

/** A message as displayed to the user. */
export interface MessageView {
  readonly message: Message;
  readonly authorName: string;
  readonly isOwn: boolean;
  /** Whether the previous message has the same author and day. */
  readonly isContinued: boolean;
  /** The names of the other users who have read it. */
  readonly readers: readonly string[];
}

/** Creates the list item of a message. */
export function messageItem({
  message,
  authorName,
  isOwn,
  isContinued,
  readers,
}: MessageView): HTMLLIElement {
  const { body, dateCreated, attachedMedia } = message;
  const classes = ["message", isOwn ? "own" : "other", isContinued ? "continued" : ""];
  return make(
    "li",
    { class: classes.join(" ").trim(), "data-index": String(message.index) },
    ...(isContinued ? [] : [make("strong", { class: "author" }, isOwn ? texts.you : authorName)]),
    ...(attachedMedia ?? []).map(mediaItem),
    ...(body ? [make("p", {}, body)] : []),
    make(
      "small",
      {},
      ...(dateCreated
        ? [make("time", { datetime: dateCreated.toISOString() }, time.format(dateCreated))]
        : []),
      ...stateOf(message, isOwn, readers),
    ),
    ...(isOwn ? [actionsOf(message)] : []),
  );
}

/** The delivery status of the user's own message: on phones, and its readers in chat. */
function stateOf(message: Message, isOwn: boolean, readers: readonly string[]) {
  if (!isOwn) return [];
  const { aggregatedDeliveryReceipt: receipt } = message;
  const failed = receipt !== null && (receipt.failed !== "none" || receipt.undelivered !== "none");
  const reached =
    receipt && (["read", "delivered", "sent"] as const).find((step) => receipt[step] !== "none");
  const step = failed ? "failed" : reached;
  const mark = step && make("span", { class: `receipt ${step}` }, texts.receipts[step]);
  if (mark && failed) void attempt(() => nameCodes(message, mark));
  return [
    ...(mark ? [mark] : []),
    ...(readers.length > 0 ? [make("span", { class: "readers" }, texts.readBy(readers))] : []),
  ];
}

/** The error codes of a message that was not delivered, from its detailed receipts ("Delivery Receipts Overview"). */
async function nameCodes(message: Message, mark: HTMLElement): Promise<void> {
  const receipts = await read(() => message.getDetailedDeliveryReceipts());
  const failed = receipts.filter(({ status }) => status === "failed" || status === "undelivered");
  const codes = [...new Set(failed.map(({ errorCode }) => String(errorCode)))];
  if (codes.length > 0) mark.textContent = texts.notDelivered(codes);
}

function actionsOf(message: Message): HTMLElement {
  const edit = async () => {
    const body = await ask(texts.editMessage, message.body ?? "");
    if (body !== undefined && body !== message.body) await attemptChange(() => message.updateBody(body));
  };
  // Twilio does not update the body of a message with media.
  const canEdit = (message.attachedMedia ?? []).length === 0;
  return make(
    "div",
    { class: "actions" },
    ...(canEdit ? [button(texts.edit, () => void edit(), { "data-focus": `edit ${message.sid}` })] : []),
    button(texts.remove, () => void attemptChange(() => message.remove()), {
      "data-focus": `remove ${message.sid}`,
    }),
  );
}

/** Images are shown; other files are links. The URL is requested when the element comes into view. */
function mediaItem(media: Media): HTMLElement {
  const label = texts.file(media.filename ?? media.contentType, sizeOf(media.size));
  const link = make("a", { class: "media", target: "_blank", rel: "noopener noreferrer" }, label);
  void attempt(async () => {
    const url = await read(async () => media.getContentTemporaryUrl());
    if (url === null) return;
    link.href = url;
    if (/^image\/(png|jpeg|gif|webp)$/.test(media.contentType)) {
      link.replaceChildren(make("img", { src: url, alt: label, loading: "lazy" }));
    }
  });
  return link;
}
