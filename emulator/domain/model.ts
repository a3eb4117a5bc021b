import type { Sid } from "../sid.ts";
import type { ChannelMessagePrefix, Service } from "./account-model.ts";
import type { Channel, ChannelSource } from "./channels.ts";
import type { Collection, Member } from "./collection.ts";

/*
 * The objects of the account. Every date is in milliseconds since the epoch. Objects are changed only by the commands
 * of this folder, which update the indexes.
 */

/** `initializing` is brief, `closed` is final ("Using States and Timers in Conversations"). */
export type ConversationState = "initializing" | "active" | "inactive" | "closed";

/** The source of a change, as in webhooks. */
export type Source = "API" | "SDK" | ChannelSource;

/** The source of a change, and whether webhooks are sent for it. */
export interface Origin {
  readonly source: Source;
  /** REST writes: only with `X-Twilio-Webhook-Enabled: true`. Phones and SDK users: always. */
  readonly webhooks: boolean;
  /** The user's identity, for actions of SDK users. */
  readonly clientIdentity?: string;
}

/** A chat user of a service, created by request or with the first participant of that identity. */
export interface User extends Member<"US"> {
  readonly identity: string;
  friendlyName: string | null;
  attributes: string;
  roleSid: Sid<"RL">;
  /** The user's participants by the SID of their conversation. */
  readonly memberships: Map<string, Participant>;
  /** How many of these are in conversations that are not closed. */
  openMemberships: number;
  /** Whether an SDK is connected. */
  online: boolean;
  /** Whether an SDK has been connected since the "Reachability Indicator" was enabled. */
  seenOnline: boolean;
  /** Whether a device was ever registered for push notifications. */
  everRegistered: boolean;
  /** The badge number that was last sent to their iOS devices. */
  badge: number;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** The two countdowns of a conversation. */
export interface Timers {
  /** Durations in milliseconds; undefined when the timer is off. */
  inactiveAfter: number | undefined;
  closedAfter: number | undefined;
  /** When the present countdowns end. */
  dateInactive: number | undefined;
  dateClosed: number | undefined;
  /** The scheduled task that checks them. */
  wakeUp: { readonly at: number; readonly cancel: () => void } | undefined;
}

/** Sender of emails from a conversation: stored and returned, never used. */
export interface EmailBinding {
  readonly address: string | null;
  readonly name: string | null;
}

/** A conversation with everything in it. */
export interface Conversation extends Member<"CH"> {
  readonly service: Service;
  /** The identity of the SDK user who created it; "system" when the account did. */
  readonly createdBy: string;
  friendlyName: string | null;
  uniqueName: string | null;
  attributes: string;
  messagingServiceSid: Sid<"MG">;
  state: ConversationState;
  readonly timers: Timers;
  emailBinding: EmailBinding | null;
  readonly participants: Collection<Participant>;
  readonly participantsByIdentity: Map<string, Participant>;
  /** By the person's own address; of two with the same address, the first. */
  readonly participantsByAddress: Map<string, Participant>;
  /** The participants that are members of a group text ("Group Texting in Conversations"). */
  readonly groupMembers: Set<Participant>;
  /** The set of numbers that it holds in {@link Resources.groups}, while it is an active group text. */
  groupKey: string | undefined;
  readonly messages: Collection<Message>;
  /** The participants that will join, while it is `initializing`. */
  joining: Joining | undefined;
  readonly webhooks: Collection<ScopedWebhook>;
  dateCreated: number;
  dateUpdated: number;
  /** True once it is deleted, for commands that waited meanwhile. */
  removed: boolean;
}

/** Participants that join together, and the state that the conversation takes on then. */
export interface Joining {
  readonly participants: readonly ParticipantInput[];
  readonly wanted: ConversationState;
  readonly origin: Origin;
  /** Messages of members before they have joined, in order. */
  readonly waiting: Set<WaitingText>;
}

/** A button or list item that a person can tap to reply. `id` is null when the template has none. */
export interface Choice {
  readonly kind: "button" | "item";
  readonly title: string;
  readonly id: string | null;
}

/** A message from a phone, to be added to a conversation. `author` is their address. */
export interface InboundText {
  readonly source: Source;
  readonly author: string;
  readonly body: string | null;
  readonly media: readonly Media[];
  /** The button or item that was tapped instead of writing. */
  readonly choice: Choice | null;
}

/** A message that waits for the members to join, and the conversation's message once it is added. */
export interface WaitingText {
  readonly text: InboundText;
  posted: Message | undefined;
}

/** Parameters of a messaging binding; undefined when omitted. */
export interface BindingInput {
  readonly identity: string | undefined;
  readonly address: string | undefined;
  readonly proxyAddress: string | undefined;
  readonly projectedAddress: string | undefined;
}

/** Parameters of a new participant; undefined when omitted. */
export interface ParticipantInput extends BindingInput {
  readonly attributes: string | undefined;
  readonly roleSid: string | undefined;
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
}

/**
 * How a participant takes part outside chat. Address and proxy address: a person who writes to a number of the account
 * and sees the conversation as one sender. Address alone: a member of a group text. Projected address: a number of
 * the account that is a member of a group text, with or without a chat identity. At least one is set.
 */
export interface MessagingBinding {
  readonly type: Channel | "email";
  readonly address: string | null;
  readonly proxyAddress: string | null;
  readonly projectedAddress: string | null;
}

/** A binding by address and proxy address, on a channel that carries messages. */
export interface PairBinding extends MessagingBinding {
  readonly type: Channel;
  readonly address: string;
  readonly proxyAddress: string;
}

/** Whether a user's devices are notified of a conversation. */
export type NotificationLevel = "default" | "muted";

/** A participant: with an identity on chat, a binding on another channel, or both for a projected address. */
export interface Participant extends Member<"MB"> {
  readonly conversation: Conversation;
  identity: string | null;
  /** Whether the identity was added later: then look-ups by it do not find the participant. */
  identityCameLater: boolean;
  binding: MessagingBinding | null;
  attributes: string;
  /** Null for members of a group text who have only an address. */
  roleSid: Sid<"RL"> | null;
  notificationLevel: NotificationLevel;
  lastReadMessageIndex: number | null;
  lastReadTimestamp: number | null;
  dateCreated: number;
  dateUpdated: number;
}

/** The purpose of a file: an attachment, or a long body or history of an email. */
export type MediaCategory = "media" | "body" | "history";

/** A file that was uploaded or came with a message. `size` is in bytes, 0 when it is not known. */
export interface Media {
  readonly sid: Sid<"ME">;
  readonly serviceSid: Sid<"IS">;
  readonly size: number;
  readonly contentType: string;
  readonly filename: string | null;
  readonly category: MediaCategory;
  /** The uploader's identity; "system" for uploads of the account. */
  readonly author: string;
  /** The URL of the bytes, for media that a phone sent; null when they are stored here. */
  readonly url: string | null;
  readonly bytes: Buffer | null;
  /** The message that it is attached to. */
  message: Message | null;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** A message's `seq` is its index in the conversation. */
export interface Message extends Member<"IM"> {
  readonly conversation: Conversation;
  readonly source: Source;
  author: string;
  readonly participantSid: Sid<"MB"> | null;
  body: string | null;
  /** Of emails ("Conversation Message Resource"). Only SDKs show it. */
  subject: string | null;
  readonly media: readonly Media[];
  attributes: string;
  readonly contentSid: Sid<"HX"> | null;
  readonly contentVariables: ReadonlyMap<string, string>;
  /** The template's rich content as JSON, which only SDKs read (`getContentData()`). */
  readonly richContent: Media | null;
  /** The button or item that the person tapped. */
  readonly choice: Choice | null;
  /** One for each recipient outside chat, in the order of the fan-out. Receipts are never removed. */
  receipts: readonly Receipt[];
  /** Who made the latest change: an identity, or "system"; null before the first. Only SDKs show it. */
  lastUpdatedBy: string | null;
  dateCreated: number;
  dateUpdated: number;
}

/** The steps of a delivery ("Delivery Receipts in Conversations"). */
export type DeliveryStatus = "sent" | "delivered" | "read" | "failed" | "undelivered";

/** The delivery of a message to one participant. `errorCode` is 0 without an error. */
export interface Receipt extends Member<"DY"> {
  readonly message: Message;
  readonly participantSid: Sid<"MB">;
  readonly channelMessageSid: Sid<ChannelMessagePrefix>;
  status: DeliveryStatus;
  /** Every status so far, in order: the summary on the message counts all of them. */
  reached: readonly DeliveryStatus[];
  errorCode: number;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** What a scoped webhook calls: a URL, a URL upon keywords, or a Studio flow. */
export type WebhookTarget = "webhook" | "trigger" | "studio";

/** A webhook of one conversation; its fields depend on its target. */
export interface ScopedWebhook extends Member<"WH"> {
  readonly target: WebhookTarget;
  url: string | undefined;
  method: "get" | "post" | undefined;
  filters: readonly string[] | undefined;
  triggers: readonly string[] | undefined;
  flowSid: Sid<"FW"> | undefined;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** The statuses of a template at WhatsApp. */
export const approvalStatuses = [
  "unsubmitted",
  "received",
  "pending",
  "approved",
  "rejected",
  "paused",
  "disabled",
] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

/** A template's submission to WhatsApp. */
export interface Approval {
  readonly name: string;
  readonly category: string;
  status: ApprovalStatus;
  rejectionReason: string;
}

/** A content template. */
export interface Content extends Member<"HX"> {
  friendlyName: string;
  language: string;
  /** Default values of the placeholders. */
  variables: ReadonlyMap<string, string>;
  /** Representations by type ("twilio/quick-reply"), as they were given. */
  types: ReadonlyMap<string, unknown>;
  approval: Approval | undefined;
  readonly dateCreated: number;
  dateUpdated: number;
}
