import * as v from "valibot";
import { InvalidInput } from "../errors.ts";
import type { Resource } from "../handler.ts";
import type { Log } from "../log.ts";
import { parseAttributes } from "../twilio/attributes.ts";
import { type Keys, keyEntries, readKeys } from "./keys.ts";
import { type Opened, openRecord, RECORD_KEY, type RecordKind, sealRecord } from "./record.ts";

/** Twilio's limits of attributes in bytes (docs: Conversations limits). */
const LARGEST = { conversation: 16 * 1024, message: 4 * 1024, participant: 4 * 1024 };

/** What of a conversation its record depends on. */
interface ConversationParts {
  readonly sid: string;
  readonly uniqueName: string | null;
  readonly attributes: string;
}

/** What of a message its record depends on. */
interface MessageParts {
  readonly conversationSid: string;
  readonly author: string | null;
  readonly attributes: string;
}

/** What of a participant its record depends on. */
interface ParticipantParts {
  readonly conversationSid: string;
  readonly identity: string | null;
  readonly messagingBinding: { readonly address?: string } | null;
  readonly attributes: string;
}

const messageRecord = v.object({ key: v.string() });

/**
 * Reads and writes the records that this deployment keeps in Twilio's resources, under the key `parley` of their
 * attributes. A chat user may write attributes, too, so only a record that verifies is believed (docs/security.md).
 */
export class State {
  readonly #keys: Keys;
  readonly #log: Log;
  /** What has been told in the log: each place once in a call. */
  readonly #told = new Set<string>();

  constructor(keys: Keys, log: Log) {
    this.#keys = keys;
    this.#log = log;
  }

  /**
   * Attributes for a conversation of ours.
   *
   * @param place The unique name of one that is about to be made, or the SID of one that is there.
   * @throws {InvalidInput} `attributes_too_large`
   */
  forConversation<Value extends object>(
    { purpose }: RecordKind<Value>,
    place: { readonly uniqueName: string } | { readonly sid: string },
    value: Value,
    attributes: Readonly<Record<string, unknown>> = {},
  ): string {
    const where = "sid" in place ? ["sid", place.sid] : ["name", place.uniqueName];
    return this.#attributes("conversation", attributes, sealRecord(this.#keys, purpose, where, value));
  }

  /** The record of a conversation; `undefined` where there is none of this kind that this deployment has written. */
  ofConversation<Value>(kind: RecordKind<Value>, conversation: ConversationParts): Value | undefined {
    return readAs(kind, this.#openConversation(conversation));
  }

  /** Whether one of our endpoints has made the conversation. */
  isOwn(conversation: ConversationParts): boolean {
    return this.#openConversation(conversation).is === "ours";
  }

  /** Whether it carries a record that was signed with a key which is none of ours: another deployment's. */
  isForeign(conversation: ConversationParts): boolean {
    return this.#openConversation(conversation).is === "foreign";
  }

  /**
   * Attributes for a message that is known again by its key.
   *
   * @throws {InvalidInput} `attributes_too_large`
   */
  forMessage(
    conversationSid: string,
    author: string,
    key: string,
    attributes: Readonly<Record<string, unknown>> = {},
  ): string {
    const place = ["message", conversationSid, author];
    return this.#attributes("message", attributes, sealRecord(this.#keys, "message", place, { key }));
  }

  /** The key of a message that this deployment has sent under this author's name; `undefined` for any other message. */
  keyOf({ conversationSid, author, attributes }: MessageParts): string | undefined {
    const place = ["message", conversationSid, author ?? ""];
    const opened = this.#open(`message of ${author}`, conversationSid, attributes, [place]);
    return readAs({ purpose: "message", schema: messageRecord }, opened)?.key;
  }

  /**
   * The key of a message as its record holds it: the purpose, and a MAC of what the key is made of, so that members of
   * the conversation do not read it.
   */
  messageKey(conversationSid: string, purpose: string, key: string): string {
    return `${purpose}:${this.name("message-key", conversationSid, purpose, key)}`;
  }

  /** Attributes for a chat user, or somebody at an address, whom this deployment adds. */
  forParticipant(
    conversationSid: string,
    identityOrAddress: string,
    purpose: string,
    attributes: Readonly<Record<string, unknown>>,
  ): string {
    const place = ["participant", conversationSid, identityOrAddress];
    return this.#attributes("participant", attributes, sealRecord(this.#keys, purpose, place, {}));
  }

  /** Whether this deployment has added the participant for this purpose. */
  isAddedFor(
    purpose: string,
    { conversationSid, identity, messagingBinding, attributes }: ParticipantParts,
  ): boolean {
    const who = identity ?? messagingBinding?.address;
    if (who === undefined) return false;
    const place = ["participant", conversationSid, who];
    const opened = this.#open(`participant ${who}`, conversationSid, attributes, [place]);
    return opened.is === "ours" && opened.purpose === purpose;
  }

  /** A name that nobody can make without the key: of a lock, of a pair. */
  name(purpose: string, ...parts: readonly string[]): string {
    return this.#keys.last.mac(purpose, parts);
  }

  #openConversation({ sid, uniqueName, attributes }: ConversationParts): Opened {
    const places = [["sid", sid], ...(uniqueName === null ? [] : [["name", uniqueName]])];
    return this.#open("conversation", sid, attributes, places);
  }

  #open(
    what: string,
    conversationSid: string,
    attributes: string,
    places: readonly (readonly string[])[],
  ): Opened {
    const opened = openRecord(this.#keys, parseAttributes(attributes)[RECORD_KEY], places);
    const place = `${what} in ${conversationSid}`;
    if ((opened.is === "foreign" || opened.is === "forged") && !this.#told.has(place)) {
      this.#told.add(place);
      this.#log.warn(`record_${opened.is}`, { what: what.split(" ")[0], conversationSid });
    }
    return opened;
  }

  #attributes(
    of: keyof typeof LARGEST,
    attributes: Readonly<Record<string, unknown>>,
    sealed: string,
  ): string {
    const text = JSON.stringify({ ...attributes, [RECORD_KEY]: sealed });
    const size = Buffer.byteLength(text);
    const most = LARGEST[of];
    if (size <= most) return text;
    const given = Buffer.byteLength(JSON.stringify({ ...attributes, [RECORD_KEY]: undefined }));
    const message = `attributes has ${given} bytes; beside Parley's own record a ${of} has ${most - (size - given)} bytes left.`;
    throw new InvalidInput(message, { code: "attributes_too_large", field: "attributes" });
  }
}

function readAs<Value>({ purpose, schema }: RecordKind<Value>, opened: Opened): Value | undefined {
  if (opened.is !== "ours" || opened.purpose !== purpose) return undefined;
  const read = v.safeParse(schema, opened.value);
  return read.success ? read.output : undefined;
}

/**
 * The records of this deployment.
 *
 * Variables: `STATE_SECRET`, a list separated by commas of which the first signs, all verify, and the last derives names.
 * Without it, they depend on the secret of the API key, and the log warns of that.
 */
export const state: Resource<State> = {
  entries: keyEntries,
  open(environment) {
    const keys = readKeys(environment);
    let isToWarn = keys.areBorrowed;
    return (_call, log) => {
      if (isToWarn) {
        log.warn("state_secret_missing", {
          advice:
            "Set STATE_SECRET. Until then, another API key orphans introductions, locks and idempotency keys.",
        });
      }
      isToWarn = false;
      return new State(keys, log);
    };
  },
};
