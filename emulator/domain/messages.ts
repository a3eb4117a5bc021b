import { isSid } from "../sid.ts";
import { attributeLimits, checkAttributes } from "./attributes.ts";
import type { Channel } from "./channels.ts";
import { isSendable } from "./content.ts";
import { renderContent, richContentOf } from "./content-rendering.ts";
import { checkContentVariables } from "./content-variables.ts";
import type { Modifications } from "./events.ts";
import { modifiedText, throughGate } from "./gate.ts";
import { attachMedia, checkMedia, collectMedia, storeMedia } from "./media.ts";
import type { Choice, Content, Conversation, InboundText, Media, Message, Origin } from "./model.ts";
import { holderOf } from "./pairs.ts";
import { findAuthor } from "./participants.ts";
import type { Resources } from "./resources.ts";
import { groupRules } from "./rules/group.ts";
import { messageRules } from "./rules/message.ts";
import { requestRules } from "./rules/request.ts";
import { checkChangeable, checkPresent, noteActivity } from "./states.ts";

/** Longest body of a message in a conversation, in bytes ("Conversations Limits"); channels have lower limits. */
const longestBody = 32 * 1024;
/** The most files of a message ("Media Support in Conversations"). */
export const mostMedia = 10;

/** Parameters of a new message; undefined when omitted. */
export interface MessageInput {
  /** An identity, an address, or any name; "system" by default. */
  readonly author: string | undefined;
  /** The number that an inbound text was sent to. */
  readonly proxyAddress: string | undefined;
  readonly body: string | undefined;
  readonly attributes: string | undefined;
  /** Files that were uploaded, at most ten. */
  readonly mediaSids: readonly string[];
  /** Media of a message from a phone. */
  readonly media: readonly Media[];
  /** The button or item that was tapped on a phone. */
  readonly choice: Choice | null;
  readonly contentSid: string | undefined;
  /** A JSON object of texts. */
  readonly contentVariables: string | undefined;
  readonly subject: string | undefined;
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
}

/** The fields of a message that a caller can change. */
export type MessageChanges = Pick<
  MessageInput,
  "author" | "body" | "attributes" | "subject" | "dateCreated" | "dateUpdated"
>;

/** A message without content: the defaults for callers. */
export const emptyMessage: MessageInput = {
  author: undefined,
  proxyAddress: undefined,
  body: undefined,
  attributes: undefined,
  mediaSids: [],
  media: [],
  choice: null,
  contentSid: undefined,
  contentVariables: undefined,
  subject: undefined,
  dateCreated: undefined,
  dateUpdated: undefined,
};

type Draft = Pick<
  Message,
  | "author"
  | "participantSid"
  | "body"
  | "subject"
  | "media"
  | "attributes"
  | "contentSid"
  | "contentVariables"
>;

/**
 * Posts a message to a conversation that is neither closed nor initializing. An inactive one becomes active. With
 * a content template, body and media are the template's ("Conversation Message Resource").
 */
export function addMessage(
  resources: Resources,
  conversation: Conversation,
  input: MessageInput,
  origin: Origin,
): Promise<Message> {
  return throughGate(resources, {
    prepare: (modified) => draftNew(resources, conversation, { ...input, ...modifiedFields(modified) }),
    describe: (message) => ({ type: "onMessageAdd", origin, conversation, message }),
    commit: (draft) => commitNew(resources, conversation, draft, input, origin),
  });
}

/** Posts a message that a person sent from a phone to a number, or to several in a group text. */
export function addText(
  resources: Resources,
  conversation: Conversation,
  text: InboundText,
  to: readonly string[],
): Promise<Message> {
  const input = { ...textInput(text), proxyAddress: to.length === 1 ? to[0] : undefined };
  return addMessage(resources, conversation, input, { source: text.source, webhooks: true });
}

/** Posts it in a conversation that is being created, in any state and without a pre-action webhook. */
export function insertText(resources: Resources, conversation: Conversation, text: InboundText): Message {
  const input = textInput(text);
  const origin = { source: text.source, webhooks: true };
  return commitNew(resources, conversation, draft(resources, conversation, input), input, origin);
}

function textInput({ author, body, media, choice }: InboundText): MessageInput {
  return { ...emptyMessage, author, body: body ?? undefined, media, choice };
}

/** Changes a message's author, body, subject or attributes. The body of a message with media cannot be changed. */
export function updateMessage(
  resources: Resources,
  message: Message,
  changes: MessageChanges,
  origin: Origin,
): Promise<void> {
  const { conversation } = message;
  return throughGate(resources, {
    prepare: (modified) => draftUpdate(resources, message, { ...changes, ...modifiedFields(modified) }),
    describe: (draft) => ({ type: "onMessageUpdate", origin, conversation, message: draft }),
    commit(draft) {
      const now = resources.clock.now();
      const lastUpdatedBy = origin.clientIdentity ?? "system";
      Object.assign(message, draft, { lastUpdatedBy, dateUpdated: changes.dateUpdated ?? now });
      resources.publish({ type: "onMessageUpdated", at: now, origin, conversation, message });
    },
  });
}

/** Deletes a message. The indexes of the others stay, so a gap remains. */
export function removeMessage(resources: Resources, message: Message, origin: Origin): Promise<void> {
  const { conversation } = message;
  return throughGate(resources, {
    prepare: () => checkPosted(message),
    describe: () => ({ type: "onMessageRemove", origin, conversation, message }),
    commit() {
      conversation.messages.delete(message);
      collectMedia(resources, message);
      resources.publish({
        type: "onMessageRemoved",
        at: resources.clock.now(),
        origin,
        conversation,
        message,
      });
    },
  });
}

function commitNew(
  resources: Resources,
  conversation: Conversation,
  draft: Draft,
  input: MessageInput,
  origin: Origin,
): Message {
  const now = resources.clock.now();
  // Every field in one literal, always in this order: all messages share one hidden class of V8.
  const message = conversation.messages.enter<Message>({
    sid: resources.ids.sid("IM"),
    seq: conversation.messages.nextSeq(),
    conversation,
    source: origin.source,
    author: draft.author,
    participantSid: draft.participantSid,
    body: draft.body,
    subject: draft.subject,
    media: draft.media,
    attributes: draft.attributes,
    contentSid: draft.contentSid,
    contentVariables: draft.contentVariables,
    choice: input.choice,
    richContent: storeRichContent(resources, conversation, draft),
    receipts: [],
    lastUpdatedBy: null,
    dateCreated: input.dateCreated ?? now,
    dateUpdated: input.dateUpdated ?? now,
  });
  attachMedia(message);
  resources.publish({ type: "onMessageAdded", at: now, origin, conversation, message });
  noteActivity(resources, conversation, origin);
  return message;
}

/**
 * Stores the rich content of a template as a file of the category `body`, where the SDK reads it. The media type
 * contains the content type (SDK 3.0.1, `Message.getContentData`).
 */
function storeRichContent(
  resources: Resources,
  { service }: Conversation,
  { contentSid, contentVariables, author }: Draft,
): Media | null {
  const content = resources.contents.get(contentSid ?? "");
  if (content === undefined) return null;
  const { type, data } = richContentOf(content, contentVariables);
  return storeMedia(resources, service, {
    contentType: `application/x-vnd.com.twilio.rich.${type.replace("/", ".")}`,
    filename: null,
    category: "body",
    bytes: Buffer.from(JSON.stringify({ data })),
    url: null,
    author,
  });
}

function draftNew(resources: Resources, conversation: Conversation, input: MessageInput): Draft {
  checkChangeable(conversation);
  return draft(resources, conversation, input);
}

function draft(resources: Resources, conversation: Conversation, input: MessageInput): Draft {
  const { author, participantSid } = authorship(resources, conversation, input);
  const attributes = checkAttributes(input.attributes, attributeLimits.other);
  const subject = checkSubject(input.subject);
  if (input.contentVariables !== undefined && !input.contentSid) throw messageRules.contentSidMissing();
  if (conversation.groupKey !== undefined && participantSid === null) throw groupRules.authorNotMember();
  const contentVariables = checkContentVariables(input.contentVariables);
  if (input.contentSid) {
    const content = checkContent(resources, input.contentSid);
    const { body } = renderContent(content, contentVariables, channelsOf(conversation)[0]);
    const written = { body: checkBody(body), media: noMedia, contentSid: content.sid };
    return { author, participantSid, subject, attributes, contentVariables, ...written };
  }
  const media =
    input.mediaSids.length === 0 ? input.media : checkMediaSids(resources, conversation, input.mediaSids);
  const body = input.body === undefined ? null : checkBody(input.body);
  if (media.length === 0 && (body === null || body === "")) throw messageRules.empty();
  return { author, participantSid, subject, attributes, contentVariables, body, media, contentSid: null };
}

/** The channels that a message is sent on, in the order in which people joined. */
function channelsOf({ participants }: Conversation): Channel[] {
  return [...participants.values()].flatMap(({ binding }) =>
    binding === null || binding.type === "email" || binding.address === null ? [] : binding.type,
  );
}

function draftUpdate(resources: Resources, message: Message, changes: MessageChanges): Message {
  checkPosted(message);
  checkChangeable(message.conversation);
  const { author, body, subject, attributes } = changes;
  if (body !== undefined && message.media.length > 0) throw messageRules.mediaBodyNotUpdatable();
  return {
    ...message,
    ...(author === undefined
      ? {}
      : authorship(resources, message.conversation, { author, proxyAddress: undefined })),
    body: body === undefined ? message.body : checkBody(body),
    subject: subject === undefined ? message.subject : checkSubject(subject),
    attributes:
      attributes === undefined ? message.attributes : checkAttributes(attributes, attributeLimits.other),
    dateCreated: changes.dateCreated ?? message.dateCreated,
  };
}

/** The fields of a message that a pre-action webhook can modify ("Conversations Webhooks", modifiable fields). */
function modifiedFields(modified: Modifications): Partial<MessageInput> {
  const fields = ["body", "author", "attributes"] as const;
  const texts = fields.map((name) => [name, modifiedText(modified, name)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}

function checkPosted(message: Message): void {
  const { conversation, sid } = message;
  checkPresent(conversation);
  if (conversation.messages.get(sid) === undefined) {
    throw requestRules.notFound(`/Conversations/${conversation.sid}/Messages/${sid}`);
  }
}

/**
 * The author of a message ("system" by default), and the participant with that identity or address. Of several
 * participants with one phone it is the one with the number pair of the message ("Inbound Message Handling &
 * Autocreation").
 */
function authorship(
  resources: Resources,
  conversation: Conversation,
  { author: name, proxyAddress }: Pick<MessageInput, "author" | "proxyAddress">,
): Pick<Message, "author" | "participantSid"> {
  const author = name || "system";
  if (author.length > 256) throw messageRules.authorTooLong();
  const holder = proxyAddress === undefined ? undefined : holderOf(resources, author, proxyAddress);
  const participant = holder?.conversation === conversation ? holder : findAuthor(conversation, author);
  return { author, participantSid: participant?.sid ?? null };
}

function checkMediaSids(
  resources: Resources,
  { service }: Conversation,
  sids: readonly string[],
): readonly Media[] {
  if (sids.length > mostMedia) throw messageRules.tooManyMedia();
  return [...new Set(sids)].map((sid) => checkMedia(resources, service, sid));
}

/** Checks a body: at most 32 KB. */
export function checkBody(body: string): string {
  if (Buffer.byteLength(body) > longestBody) throw messageRules.bodyTooLong();
  return body;
}

function checkSubject(subject: string | undefined): string | null {
  if (subject !== undefined && subject.length > 256) throw messageRules.subjectTooLong();
  return subject || null;
}

function checkContent(resources: Resources, sid: string): Content {
  if (!isSid("HX", sid)) throw messageRules.contentSidInvalid();
  const content = resources.contents.get(sid);
  if (content === undefined) throw messageRules.contentNotFound();
  if (!isSendable(content)) throw messageRules.contentTypeUnsupported();
  return content;
}

const noMedia: readonly Media[] = Object.freeze([]);
