import { closedUntil, type OpeningHours } from "../../../core/opening-hours/opening-hours.ts";
import type { Sid } from "../../../core/sid.ts";
import { parseAttributes } from "../../../core/twilio/attributes.ts";
import { OPT_OUT_WORDS } from "../../../core/twilio/opt-out.ts";
import { linesOfWords } from "./keywords.ts";
import type { ResponderSettings } from "./settings.ts";

/** A message that was added to the conversation. */
export interface Added {
  readonly messageSid: Sid<"IM">;
  readonly author: string;
  /** `API`, `SDK`, `SMS`, `WHATSAPP`, … */
  readonly source: string;
  readonly body: string;
  readonly attributes: string;
  /** Whether the responder has sent it. */
  readonly isOwn: boolean;
  /** The id of the button or list item that was tapped, where the settings have ids. */
  readonly tappedId: string | undefined;
  /** When it was sent, also if its event is late. */
  readonly sentAt: Date;
}

/** An answer. Each key is answered once in a conversation. */
export interface Answer {
  readonly does: "answer";
  readonly kind: "keyword" | "closed" | "default";
  readonly key: string;
  readonly text: string;
}

/** The decision about a message. */
export type Decision =
  | Answer
  | { readonly does: "hand_over" }
  | { readonly does: "nothing"; readonly reason: string };

/** Words or ids that trigger an answer or a hand-over. */
type Called = Pick<ResponderSettings["answers"][number], "keywords" | "ids">;

/** Whether the settings contain ids of buttons or list items. */
export const hasIds = ({ answers, handOver }: ResponderSettings): boolean =>
  [...answers, ...(handOver ? [handOver] : [])].some(({ ids }) => ids.length > 0);

const nothing = (reason: string): Decision => ({ does: "nothing", reason });
const OPT_OUTS = new Set(OPT_OUT_WORDS.map(linesOfWords));

/**
 * Decides from the message and the settings alone. Keywords are answered at any time; hand-overs and the default answer only
 * while it is open.
 */
export function decide(message: Added, settings: ResponderSettings): Decision {
  const { answers, handOver, openingHours, defaultText } = settings;
  const unanswerable = reasonNotToAnswer(message, settings);
  if (unanswerable !== undefined) return nothing(unanswerable);
  const lines = linesOfWords(message.body);
  const isCalled = ({ keywords, ids }: Called) =>
    (message.tappedId !== undefined && ids.includes(message.tappedId)) || keywords?.(lines) === true;
  const closed = openingHours && closedKey(openingHours, message.sentAt);
  if (closed === undefined && handOver && isCalled(handOver)) return { does: "hand_over" };
  const fitting = answers.find(isCalled);
  if (fitting) return { does: "answer", kind: "keyword", key: message.messageSid, text: fitting.text };
  if (OPT_OUTS.has(lines)) return nothing("opted_out");
  if (openingHours && closed !== undefined) {
    return { does: "answer", kind: "closed", key: closed, text: openingHours.closedText };
  }
  if (defaultText === undefined) return nothing("no_answer");
  return { does: "answer", kind: "default", key: "default", text: defaultText };
}

/** The key of the answer of a closed period; `undefined` while it is open. */
export function closedKey(openingHours: OpeningHours, at: Date): string | undefined {
  const until = closedUntil(openingHours, at);
  return until === undefined ? undefined : `closed until ${until}`;
}

function reasonNotToAnswer(
  { author, source, attributes, isOwn }: Added,
  settings: ResponderSettings,
): string | undefined {
  if (source === "API") return "not_from_a_person";
  if (isOwn || isBot(attributes, settings.botAttribute)) return "from_a_bot";
  const agents = settings.handOver?.agent?.agents ?? [];
  const ownPeople = [
    settings.author,
    ...settings.exceptAuthors,
    ...(settings.handOver?.identities ?? []),
    ...agents.map((agent) => ("identity" in agent ? agent.identity : agent.address)),
  ];
  if (ownPeople.includes(author)) return "not_a_customer";
  return source === "SDK" && !settings.answerChatUsers ? "from_a_chat_user" : undefined;
}

function isBot(attributes: string, name: string | undefined): boolean {
  const given = parseAttributes(attributes);
  return name !== undefined && Object.hasOwn(given, name) && Boolean(given[name]);
}
