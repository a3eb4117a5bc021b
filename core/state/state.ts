import * as v from "valibot";
import { InvalidInput } from "../errors.ts";
import type { Resource } from "../handler.ts";
import type { Log } from "../log.ts";
import { parseAttributes } from "../twilio/attributes.ts";
import { type Keys, keyEntries, readKeys } from "./keys.ts";
import { type Opened, openRecord, RECORD_KEY, type RecordKind, sealRecord } from "./record.ts";

/** Twilio's limits of attributes in bytes (docs: Conversations limits). */
const LARGEST = { conversation: 16 * 1024, message: 4 * 1024, participant: 4 * 1024 };

/** The properties of a conversation that its record depends on. */
interface ConversationParts {
  readonly sid: string;
  readonly uniqueName: string | null;
  readonly attributes: string;
}

/** The properties of a message that its record depends on. */
interface MessageParts {
  readonly conversationSid: string;
  readonly author: string | null;
  readonly attributes: string;
}

/** The properties of a participant that its record depends on. */
interface ParticipantParts {
  readonly conversationSid: string;
  readonly identity: string | null;
  readonly messagingBinding: { readonly address?: string } | null;
  readonly attributes: string;
}

const messageRecord = v.object({ key: v.string() });

/**
 * Reads and writes the records that this deployment keeps in Twilio's resources, under the key `parley` of their
 * attributes. Chat users can write attributes too, so only a record with a valid signature is used (docs/security.md).
 */
export class State {
  readonly #keys: Keys;
  readonly #log: Log;
  /** Invalid records that were logged: each is logged once in a call. */
  readonly #logged = new Set<string>();

  constructor(keys: Keys, log: Log) {
    this.#keys = keys;
    this.#log = log;
  }

  /**
   * Attributes for a conversation of ours.
   *
   * @param location The unique name of one that is about to be created, or the SID of one that exists.
   * @throws {InvalidInput} `attributes_too_large`
   */
  forConversation<Value extends object>(
    { purpose }: RecordKind<Value>,
    location: { readonly uniqueName: string } | { readonly sid: string },
    value: Value,
    attributes: Readonly<Record<string, unknown>> = {},
  ): string {
    const where = "sid" in location ? ["sid", location.sid] : ["name", location.uniqueName];
    return this.#attributes("conversation", attributes, sealRecord(this.#keys, purpose, where, value));
  }

  /** The record of a conversation; `undefined` if this deployment has written none of this kind. */
  ofConversation<Value>(kind: RecordKind<Value>, conversation: ConversationParts): Value | undefined {
    return readAs(kind, this.#openConversation(conversation));
  }

  /** Whether one of our endpoints has created the conversation. */
  isOwn(conversation: ConversationParts): boolean {
    return this.#openConversation(conversation).is === "ours";
  }

  /** Whether its record was signed with a key of another deployment. */
  isForeign(conversation: ConversationParts): boolean {
    return this.#openConversation(conversation).is === "foreign";
  }

  /**
   * Attributes for a message that is identified by its key.
   *
   * @throws {InvalidInput} `attributes_too_large`
   */
  forMessage(
    conversationSid: string,
    author: string,
    key: string,
    attributes: Readonly<Record<string, unknown>> = {},
  ): string {
    const location = ["message", conversationSid, author];
    return this.#attributes("message", attributes, sealRecord(this.#keys, "message", location, { key }));
  }

  /** The key of a message that this deployment has sent under this author's name; `undefined` for any other message. */
  keyOf({ conversationSid, author, attributes }: MessageParts): string | undefined {
    const location = ["message", conversationSid, author ?? ""];
    const opened = this.#open(`message of ${author}`, conversationSid, attributes, [location]);
    return readAs({ purpose: "message", schema: messageRecord }, opened)?.key;
  }

  /**
   * The key of a message as its record holds it: the purpose, and a MAC of the key, so that members of the conversation
   * cannot read it.
   */
  messageKey(conversationSid: string, purpose: string, key: string): string {
    return `${purpose}:${this.name("message-key", conversationSid, purpose, key)}`;
  }

  /** Attributes for a participant that this deployment adds, by identity or address. */
  forParticipant(
    conversationSid: string,
    identityOrAddress: string,
    purpose: string,
    attributes: Readonly<Record<string, unknown>>,
  ): string {
    const location = ["participant", conversationSid, identityOrAddress];
    return this.#attributes("participant", attributes, sealRecord(this.#keys, purpose, location, {}));
  }

  /** Whether this deployment has added the participant for this purpose. */
  isAddedFor(
    purpose: string,
    { conversationSid, identity, messagingBinding, attributes }: ParticipantParts,
  ): boolean {
    const who = identity ?? messagingBinding?.address;
    if (who === undefined) return false;
    const location = ["participant", conversationSid, who];
    const opened = this.#open(`participant ${who}`, conversationSid, attributes, [location]);
    return opened.is === "ours" && opened.purpose === purpose;
  }

  /** A name that cannot be derived without the key: of a lock, of a pair. */
  name(purpose: string, ...parts: readonly string[]): string {
    return this.#keys.last.mac(purpose, parts);
  }

  #openConversation({ sid, uniqueName, attributes }: ConversationParts): Opened {
    const locations = [["sid", sid], ...(uniqueName === null ? [] : [["name", uniqueName]])];
    return this.#open("conversation", sid, attributes, locations);
  }

  #open(
    what: string,
    conversationSid: string,
    attributes: string,
    locations: readonly (readonly string[])[],
  ): Opened {
    const opened = openRecord(this.#keys, parseAttributes(attributes)[RECORD_KEY], locations);
    const subject = `${what} in ${conversationSid}`;
    if ((opened.is === "foreign" || opened.is === "forged") && !this.#logged.has(subject)) {
      this.#logged.add(subject);
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
 * If it is unset, the records depend on the secret of the API key, and the log warns about that.
 */
export const state: Resource<State> = {
  entries: keyEntries,
  open(environment) {
    const keys = readKeys(environment);
    let warningIsDue = keys.areBorrowed;
    return (_call, log) => {
      if (warningIsDue) {
        log.warn("state_secret_missing", {
          advice:
            "Set STATE_SECRET. Until then, changing the API key invalidates introductions, locks and idempotency keys.",
        });
      }
      warningIsDue = false;
      return new State(keys, log);
    };
  },
};
