import type { Collection, Member } from "./collection.ts";

/*
 * What the account holds. Every date is in milliseconds since the epoch. Objects are changed only by the commands
 * of this folder, which keep the indexes beside them in step.
 */

/** `initializing` is brief, `closed` is final ("Using States and Timers in Conversations"). */
export type ConversationState = "initializing" | "active" | "inactive" | "closed";

/** The channels that this emulator can carry messages on. */
export type Channel = "sms" | "whatsapp";

/** Whose deed an event is, as webhooks name it. */
export type Source = "API" | "SDK" | "SMS" | "WHATSAPP";

/** Who makes a change, and whether webhooks hear of it. */
export interface Origin {
  readonly source: Source;
  /** REST writes: only with `X-Twilio-Webhook-Enabled: true`. Phones and SDK users: always. */
  readonly webhooks: boolean;
  /** The user's identity, for what an SDK user does. */
  readonly clientIdentity?: string;
}

/** The account with its credentials. */
export interface Account {
  readonly sid: string;
  readonly authToken: string;
  /** Secrets by the SID of their API key. */
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly defaultMessagingServiceSid: string;
  readonly webhooks: WebhookConfiguration;
}

/** Account-wide or per-service webhook targets. `filters` undefined: never set, every event passes. */
export interface WebhookConfiguration {
  preWebhookUrl: string | null;
  postWebhookUrl: string | null;
  method: "GET" | "POST" | null;
  filters: readonly string[] | null;
  target: string;
}

/** A conversation service: conversations, users and roles of one service are unknown to the others. */
export interface Service extends Member {
  readonly friendlyName: string;
  readonly conversations: Collection<Conversation>;
  readonly conversationsByUniqueName: Map<string, Conversation>;
  readonly users: Collection<User>;
  readonly usersByIdentity: Map<string, User>;
  readonly roles: Collection<Role>;
  readonly defaultRoles: DefaultRoles;
  readonly webhooks: WebhookConfiguration;
  readonly dateCreated: number;
  readonly dateUpdated: number;
}

/** SIDs of the roles that new participants, creators of conversations and users get. */
export interface DefaultRoles {
  readonly conversation: string;
  readonly conversationCreator: string;
  readonly service: string;
}

/** What its holders may do. It binds SDK users; REST calls are made by the account. */
export interface Role extends Member {
  readonly friendlyName: string;
  readonly type: "conversation" | "service";
  readonly permissions: readonly string[];
}

/** A chat user of a service, created by request or with the first participant of that identity. */
export interface User extends Member {
  readonly identity: string;
  friendlyName: string | null;
  attributes: string;
  roleSid: string;
  /** The user's participants by the SID of their conversation. */
  readonly memberships: Map<string, Participant>;
  /** How many of these are in conversations that are not closed. */
  openMemberships: number;
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
  /** The task that looks at them next: when it runs, and what takes it back. */
  wakeUp: { readonly at: number; readonly cancel: () => void } | undefined;
}

/** Sender of emails out of a conversation: kept and shown, never used. */
export interface EmailBinding {
  readonly address: string | null;
  readonly name: string | null;
}

/** A conversation with everything in it. */
export interface Conversation extends Member {
  readonly service: Service;
  friendlyName: string | null;
  uniqueName: string | null;
  attributes: string;
  messagingServiceSid: string;
  state: ConversationState;
  readonly timers: Timers;
  emailBinding: EmailBinding | null;
  readonly participants: Collection<Participant>;
  readonly participantsByIdentity: Map<string, Participant>;
  /** By the person's own address; of two with the same address, the first. */
  readonly participantsByAddress: Map<string, Participant>;
  readonly messages: Collection<Message>;
  readonly webhooks: Collection<ScopedWebhook>;
  dateCreated: number;
  dateUpdated: number;
  /** True once it is deleted: commands that waited meanwhile find it gone. */
  removed: boolean;
}

/** How a person outside chat takes part: their own address, and the number of the account they write to. */
export interface MessagingBinding {
  readonly type: Channel;
  readonly address: string;
  readonly proxyAddress: string;
}

/** Somebody in a conversation: with an identity on chat, with a binding elsewhere. */
export interface Participant extends Member {
  readonly conversation: Conversation;
  readonly identity: string | null;
  readonly binding: MessagingBinding | null;
  attributes: string;
  roleSid: string;
  lastReadMessageIndex: number | null;
  lastReadTimestamp: number | null;
  dateCreated: number;
  dateUpdated: number;
}

/** A file that came with a message. `size` is in bytes, 0 when it is not known. */
export interface Media {
  readonly sid: string;
  readonly size: number;
  readonly contentType: string;
  readonly filename: string | null;
  /** Where the bytes are, for media that a phone sent. */
  readonly url: string | null;
}

/** A message's `seq` is its index in the conversation. */
export interface Message extends Member {
  readonly conversation: Conversation;
  readonly source: Source;
  author: string;
  readonly participantSid: string | null;
  body: string | null;
  readonly media: readonly Media[];
  attributes: string;
  readonly contentSid: string | null;
  readonly contentVariables: ReadonlyMap<string, string>;
  /** One for each recipient outside chat, in the order of the fan-out. Receipts are never removed. */
  readonly receipts: Receipt[];
  dateCreated: number;
  dateUpdated: number;
}

/** The steps of a delivery ("Delivery Receipts in Conversations"). */
export type DeliveryStatus = "sent" | "delivered" | "read" | "failed" | "undelivered";

/** What became of a message on its way to one participant. `errorCode` is 0 when nothing went wrong. */
export interface Receipt extends Member {
  readonly message: Message;
  readonly participantSid: string;
  readonly channelMessageSid: string;
  status: DeliveryStatus;
  /** Every status so far, in order: the summary on the message counts what was reached, not only what is. */
  readonly reached: DeliveryStatus[];
  errorCode: number;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** What a scoped webhook calls: a URL, a URL upon keywords, or a Studio flow. */
export type WebhookTarget = "webhook" | "trigger" | "studio";

/** A webhook of one conversation; which fields it has goes by its target. */
export interface ScopedWebhook extends Member {
  readonly target: WebhookTarget;
  url: string | undefined;
  method: "get" | "post" | undefined;
  filters: readonly string[] | undefined;
  triggers: readonly string[] | undefined;
  flowSid: string | undefined;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** What WhatsApp says to a template. */
export type ApprovalStatus =
  | "unsubmitted"
  | "received"
  | "pending"
  | "approved"
  | "rejected"
  | "paused"
  | "disabled";

/** A template's submission to WhatsApp. */
export interface Approval {
  readonly name: string;
  readonly category: string;
  status: ApprovalStatus;
  rejectionReason: string;
}

/** A content template. */
export interface Content extends Member {
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

/** A phone number or WhatsApp sender of the account. `address` carries the channel's prefix ("whatsapp:+1…"). */
export interface OwnedNumber {
  readonly sid: string;
  readonly address: string;
  readonly channel: Channel;
}
