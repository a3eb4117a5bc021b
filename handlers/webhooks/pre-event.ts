import * as v from "valibot";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import { Forbidden, HandlerError } from "../../core/errors.ts";
import { defineHandler, type FlatObject } from "../../core/handler.ts";
import { eventText } from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { blockedWordFinder, canBeBlocked, maskFound } from "./moderation/blocked-words.ts";
import { PERSONAL_DATA, withoutPersonalData } from "./moderation/personal-data.ts";
import { sources } from "./reactions/event-fields.ts";

const list = () => v.optional(v.array(v.string()), []);

/** What is done to messages before they are published. Unknown settings are refused, which catches typing errors. */
const rules = v.strictObject({
  /** Whole words that may not be said. */
  blockedWords: v.optional(
    v.array(v.pipe(v.string(), v.check(canBeBlocked, "must be a word: letters or digits, and no spaces"))),
    [],
  ),
  /** What happens to a message with one: it is refused, or the words become asterisks. */
  onBlockedWord: v.optional(v.picklist(["reject", "mask"]), "reject"),
  /** Personal data to take out of texts. */
  removePersonalData: v.optional(v.array(v.picklist(PERSONAL_DATA)), []),
  /** Longest text, in characters. */
  longestBody: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Most media in a message. */
  mostMedia: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Authors that the rules do not apply to, such as `system`. */
  exceptAuthors: list(),
  /** Sources that they do not apply to: `API`, `SDK`, `SMS`, `WHATSAPP`, `MESSENGER`, `RCS`. */
  exceptSources: v.optional(sources(), []),
  /** Conversation services that they apply to. All unless given. */
  onlyServices: v.optional(v.array(v.string())),
  /** What happens to a message when a rule itself fails, or takes too long. */
  onFailure: v.optional(v.picklist(["pass", "reject"]), "pass"),
});
type Rules = v.InferOutput<typeof rules>;

/** Twilio waits for five seconds and then publishes the message as it is, whatever the rules say about failures. */
const LONGEST_MS = 3_000;

/** Asked about a conversation that a message from outside makes, and about that message with it. */
const AUTOCREATION = "onConversationAdd";
const MESSAGE_EVENTS = ["onMessageAdd", "onMessageUpdate", AUTOCREATION];

const event = v.object({
  EventType: eventText(),
  Body: v.optional(eventText(), ""),
  Author: v.optional(eventText(), ""),
  Source: v.optional(eventText(), ""),
  Media: v.optional(eventText(), "[]"),
  ChatServiceSid: v.optional(eventText()),
  MessageBody: v.optional(eventText(), ""),
  "MessagingBinding.Address": v.optional(eventText(), ""),
  "MessagingBinding.AuthorAddress": v.optional(eventText(), ""),
});
type Event = v.InferOutput<typeof event>;

/** Reads an event, with its message under the same names wherever Twilio puts it. */
function readMessage(fields: object): Event {
  const read = v.parse(event, fields);
  if (read.EventType !== AUTOCREATION) return read;
  // In a group text `Address` holds everybody but the author.
  const Author = read["MessagingBinding.AuthorAddress"] || read["MessagingBinding.Address"];
  return { ...read, Author, Body: read.MessageBody };
}

/**
 * Moderation before publication (docs: Conversations webhooks, "Using pre-action webhooks to modify or reject
 * changes"): a chain of small rules from `PRE_EVENT_RULES`. Answers `{}` to let a message pass, `{"body": …}` to change
 * it, and 403 to refuse it; other events pass.
 *
 * The message with which somebody on a phone begins a conversation is asked about once, with that conversation, as
 * `onConversationAdd` (docs: Inbound message handling & autocreation). It can be refused, and then there is no
 * conversation either; to change it there is no way, so what would be changed passes, with a line in the log.
 *
 * Twilio holds the message until this answers, five seconds at most. So there is no REST call on the way, each rule
 * takes time in proportion to the text alone, and after three seconds all the same no more is begun. That counts as
 * `onFailure` says, and so does a rule that fails and an event that cannot be read. Called twice, it answers the same:
 * nothing is remembered.
 */
export default defineHandler({
  access: signedByTwilio,
  env: {
    PRE_EVENT_RULES: v.optional(
      v.pipe(
        v.string(),
        v.parseJson(undefined, "must be a JSON object of rules"),
        rules,
        v.transform((settings) => ({ settings, findBlocked: blockedWordFinder(settings.blockedWords) })),
      ),
      "{}",
    ),
  },
  // Read inside, so that the policy for failures holds for an event that cannot be read, too.
  input: v.looseObject({}),
  async run(fields, { env, log }) {
    const { settings, findBlocked } = env.PRE_EVENT_RULES;
    const giveUpAt = Date.now() + LONGEST_MS;
    const keepTime = () => {
      if (Date.now() > giveUpAt) throw new HandlerError(503, "out_of_time", "The rules took too long.");
    };
    try {
      const message = readMessage(fields);
      if (!MESSAGE_EVENTS.includes(message.EventType) || isExempt(message, settings)) return {};
      return moderate(message, { settings, findBlocked, keepTime, log });
    } catch (error) {
      if (error instanceof Forbidden || settings.onFailure === "reject") throw error;
      log.error("rule_failed", { error });
      return {};
    }
  },
});

function isExempt({ Author, Source, ChatServiceSid }: Event, settings: Rules): boolean {
  return (
    settings.exceptAuthors.includes(Author) ||
    settings.exceptSources.some((source) => source === Source) ||
    (settings.onlyServices !== undefined && !settings.onlyServices.includes(ChatServiceSid ?? ""))
  );
}

interface Tools {
  readonly settings: Rules;
  readonly findBlocked: ReturnType<typeof blockedWordFinder>;
  readonly keepTime: () => void;
  readonly log: Log;
}

/** @throws {Forbidden} for a message that must not be published. */
function moderate(event: Event, { settings, findBlocked, keepTime, log }: Tools): FlatObject {
  if (settings.longestBody !== undefined && event.Body.length > settings.longestBody) {
    throw new Forbidden("body_too_long", `A message may have ${settings.longestBody} characters.`);
  }
  const media: unknown = JSON.parse(event.Media);
  if (settings.mostMedia !== undefined && Array.isArray(media) && media.length > settings.mostMedia) {
    throw new Forbidden("too_many_media", `A message may have ${settings.mostMedia} media.`);
  }
  const blocked = findBlocked(event.Body, keepTime);
  keepTime();
  if (blocked.length > 0 && settings.onBlockedWord === "reject") {
    throw new Forbidden("blocked_word", "The message has a word in it that is not allowed here.");
  }
  const body = withoutPersonalData(maskFound(event.Body, blocked), settings.removePersonalData);
  if (body === event.Body) return {};
  if (event.EventType === AUTOCREATION) {
    log.warn("first_message_not_changed", { blockedWords: blocked.length });
    return {};
  }
  log.info("message_changed", { blockedWords: blocked.length });
  return { body };
}
