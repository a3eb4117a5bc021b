import * as v from "valibot";
import { eventText, sid } from "../../../core/input.ts";

const text = eventText();
const optional = v.optional(text);
const integer = v.pipe(v.string(), v.regex(/^\d+$/, "must be a whole number"), v.transform(Number));
const flag = v.pipe(
  v.picklist(["true", "false"]),
  v.transform((value) => value === "true"),
);

/** Twilio's names of the sources of events. */
export const SOURCES = ["API", "SDK", "SMS", "WHATSAPP", "MESSENGER", "RCS"] as const;

/** A list of {@link SOURCES} in settings. */
export const sources = () =>
  v.array(v.picklist(SOURCES, `must be one of ${SOURCES.join(", ")}`), "must be a list of sources");

/** Fields of every event. Twilio omitted the service before October 2021, and still does if there is none. */
export const COMMON = {
  AccountSid: text,
  EventType: text,
  Source: v.optional(text, "API"),
  ClientIdentity: optional,
  ChatServiceSid: optional,
};

const CREATED = { DateCreated: optional };
const CHANGED = { ...CREATED, DateUpdated: optional };
const REMOVED = { ...CHANGED, DateRemoved: optional };

/** The addresses of a person on a phone. In a group text, `Address` is a list separated by commas. */
const BINDING = {
  "MessagingBinding.ProxyAddress": optional,
  "MessagingBinding.Address": optional,
  "MessagingBinding.ProjectedAddress": optional,
};
const AUTHOR_BINDING = { ...BINDING, "MessagingBinding.AuthorAddress": optional };

const NEW_CONVERSATION = {
  FriendlyName: optional,
  UniqueName: optional,
  Attributes: v.optional(text, "{}"),
  MessagingServiceSid: optional,
  State: optional,
};
const CONVERSATION = { ConversationSid: sid("CH"), ...NEW_CONVERSATION };

const NEW_MESSAGE = {
  ConversationSid: sid("CH"),
  Body: v.optional(text, ""),
  Author: v.optional(text, ""),
  ParticipantSid: optional,
  Attributes: v.optional(text, "{}"),
  /** JSON text: a list of objects with `Sid`, `Filename`, `ContentType` and `Size`. */
  Media: v.optional(text, "[]"),
};
const MESSAGE = { ...NEW_MESSAGE, MessageSid: sid("IM"), Index: integer };

const NEW_PARTICIPANT = {
  ConversationSid: sid("CH"),
  Identity: optional,
  RoleSid: optional,
  Attributes: v.optional(text, "{}"),
  ...BINDING,
  /** Lower case in captured webhooks, upper case in the documentation. */
  "MessagingBinding.Type": v.optional(v.pipe(text, v.toLowerCase())),
};
const PARTICIPANT = { ...NEW_PARTICIPANT, ParticipantSid: sid("MB") };

const USER = {
  UserSid: text,
  Identity: optional,
  RoleSid: optional,
  Attributes: v.optional(text, "{}"),
  FriendlyName: optional,
};

/** The fields of every post-action event (docs: Conversations webhooks, "Post Action Webhooks"). */
export const POST_ACTION = {
  onConversationAdded: { ...CONVERSATION, ...CHANGED, ...AUTHOR_BINDING },
  onConversationUpdated: { ...CONVERSATION, ...CHANGED },
  onConversationRemoved: { ...CONVERSATION, ...REMOVED },
  onConversationStateUpdated: {
    ConversationSid: sid("CH"),
    MessagingServiceSid: optional,
    StateUpdated: optional,
    StateFrom: text,
    StateTo: text,
    Reason: optional,
  },
  onMessageAdded: { ...MESSAGE, ...CREATED, MessagingServiceSid: optional },
  onMessageUpdated: { ...MESSAGE, ...CHANGED },
  onMessageRemoved: { ...MESSAGE, ...REMOVED },
  onParticipantAdded: { ...PARTICIPANT, ...CREATED },
  onParticipantUpdated: { ...PARTICIPANT, ...CHANGED, LastReadMessageIndex: v.optional(integer) },
  onParticipantRemoved: { ...PARTICIPANT, ...REMOVED },
  onDeliveryUpdated: {
    ConversationSid: sid("CH"),
    MessageSid: sid("IM"),
    ParticipantSid: sid("MB"),
    DeliveryReceiptSid: optional,
    ChannelMessageSid: optional,
    Status: optional,
    ErrorCode: v.optional(integer, "0"),
    ...CHANGED,
  },
  onUserAdded: { ...USER, ...CREATED },
  onUserUpdated: { ...USER, ...CHANGED, isOnline: v.optional(flag), isNotifiable: v.optional(flag) },
};

/** The fields of every pre-action event (the same page, "Pre-action Webhooks"). */
export const PRE_ACTION = {
  onConversationAdd: { ...NEW_CONVERSATION, ...AUTHOR_BINDING, MessageBody: optional, Media: optional },
  onConversationUpdate: { ...CONVERSATION, ...CHANGED },
  onConversationRemove: { ...CONVERSATION, ...CHANGED },
  onMessageAdd: NEW_MESSAGE,
  onMessageUpdate: { ...MESSAGE, ...CHANGED },
  onMessageRemove: { ...MESSAGE, ...CHANGED },
  onParticipantAdd: NEW_PARTICIPANT,
  onParticipantUpdate: { ...PARTICIPANT, ...CHANGED },
  onParticipantRemove: { ...PARTICIPANT, ...CHANGED },
  onUserUpdate: { ...USER, DateUpdated: optional },
};
