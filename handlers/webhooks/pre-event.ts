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

/** The moderation rules. Unknown settings are rejected, which catches typing errors. */
const rules = v.strictObject({
  /** Whole words that are not allowed. */
  blockedWords: v.optional(
    v.array(v.pipe(v.string(), v.check(canBeBlocked, "must be a word: letters or digits, and no spaces"))),
    [],
  ),
  /** What happens to a message with such a word: it is rejected, or the words become asterisks. */
  onBlockedWord: v.optional(v.picklist(["reject", "mask"]), "reject"),
  /** Personal data to remove from texts. */
  removePersonalData: v.optional(v.array(v.picklist(PERSONAL_DATA)), []),
  /** Longest text, in characters. */
  longestBody: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** The maximum number of media in a message. */
  mostMedia: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Authors that the rules do not apply to, such as `system`. */
  exceptAuthors: list(),
  /** Sources that they do not apply to: `API`, `SDK`, `SMS`, `WHATSAPP`, `MESSENGER`, `RCS`. */
  exceptSources: v.optional(sources(), []),
  /** Conversation services that they apply to. All if omitted. */
  onlyServices: v.optional(v.array(v.string())),
  /**
   * What happens to a message when moderation fails: a rule fails or takes too long, or the signature is invalid, as after a change of
   * the auth token. If omitted, `pass` for rules and `reject` for signatures.
   */
  onFailure: v.optional(v.picklist(["pass", "reject"])),
});
type Rules = v.InferOutput<typeof rules>;

/** Twilio waits for five seconds and then publishes the message unchanged, regardless of `onFailure`. */
const LONGEST_MS = 3_000;

/** The event before an inbound message creates a conversation; it includes that message. */
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

/** Reads an event, with the message in the same fields for every type of event. */
function readMessage(fields: object): Event {
  const read = v.parse(event, fields);
  if (read.EventType !== AUTOCREATION) return read;
  // In a group text, `Address` lists all participants except the author.
  const Author = read["MessagingBinding.AuthorAddress"] || read["MessagingBinding.Address"];
  return { ...read, Author, Body: read.MessageBody };
}

/**
 * Moderation before publication (docs: Conversations webhooks, "Using pre-action webhooks to modify or reject
 * changes"): applies the rules of `PRE_EVENT_RULES`. Answers `{}` to accept a message, `{"body": …}` to change it, and 403 to
 * reject it; other events are accepted.
 *
 * A message with which a person on a phone starts a conversation is checked once, together with that conversation, as
 * `onConversationAdd` (docs: Inbound message handling & autocreation). It can be rejected, and then no conversation is created;
 * it cannot be changed, so a message that should be changed is accepted and logged.
 *
 * Twilio waits for the answer, at most five seconds. So no REST request is made, each rule takes time linear in the length of
 * the text, and checking stops after three seconds. `onFailure` decides then, and also when a rule fails, an event cannot be
 * read or its signature is invalid, since any error of this endpoint rejects the message. Called twice, it answers the same:
 * nothing is stored.
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
  // An empty answer discloses nothing, and only Twilio publishes a message because of it.
  onRejected(error, { env, log }) {
    const isInvalid = error instanceof Forbidden;
    if (!isInvalid || env.PRE_EVENT_RULES.settings.onFailure !== "pass") return undefined;
    log.error("not_moderated", { error });
    return {};
  },
  // Parsed in `run`, so that `onFailure` also applies to an event that cannot be read.
  input: v.looseObject({}),
  async run(fields, { env, log }) {
    const { settings, findBlocked } = env.PRE_EVENT_RULES;
    const giveUpAt = Date.now() + LONGEST_MS;
    const checkTime = () => {
      if (Date.now() > giveUpAt) throw new HandlerError(503, "out_of_time", "The rules took too long.");
    };
    try {
      const message = readMessage(fields);
      if (!MESSAGE_EVENTS.includes(message.EventType) || isExempt(message, settings)) return {};
      return moderate(message, { settings, findBlocked, checkTime, log });
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

interface ModerationContext {
  readonly settings: Rules;
  readonly findBlocked: ReturnType<typeof blockedWordFinder>;
  readonly checkTime: () => void;
  readonly log: Log;
}

/** @throws {Forbidden} for a message that must not be published. */
function moderate(event: Event, { settings, findBlocked, checkTime, log }: ModerationContext): FlatObject {
  if (settings.longestBody !== undefined && event.Body.length > settings.longestBody) {
    throw new Forbidden("body_too_long", `A message may have ${settings.longestBody} characters.`);
  }
  const media: unknown = JSON.parse(event.Media);
  if (settings.mostMedia !== undefined && Array.isArray(media) && media.length > settings.mostMedia) {
    throw new Forbidden("too_many_media", `A message may have ${settings.mostMedia} media.`);
  }
  const blocked = findBlocked(event.Body, checkTime);
  checkTime();
  if (blocked.length > 0 && settings.onBlockedWord === "reject") {
    throw new Forbidden("blocked_word", "The message contains a word that is not allowed here.");
  }
  const masked = maskFound(event.Body, blocked);
  const body = withoutPersonalData(masked, settings.removePersonalData, checkTime);
  if (body === event.Body) return {};
  if (event.EventType === AUTOCREATION) {
    log.warn("first_message_not_changed", { blockedWords: blocked.length });
    return {};
  }
  log.info("message_changed", { blockedWords: blocked.length });
  return { body };
}
