import type { Sid } from "../sid.ts";
import type { Channel, channelTraits } from "./channels.ts";
import type { Collection, Member } from "./collection.ts";
import type { Conversation, Participant, User } from "./model.ts";

/*
 * The objects of the account other than conversations: services and settings, senders and credentials.
 */

/** Prefixes of the SIDs of senders: phone numbers, and senders on other channels. */
export type NumberPrefix = (typeof channelTraits)[Channel]["senderSid"];

/** Prefixes of the SIDs of messages outside conversations: SMS, MMS, WhatsApp. */
export type ChannelMessagePrefix = "SM" | "MM" | "WA";

/** The account with its credentials. */
export interface Account {
  readonly sid: Sid<"AC">;
  readonly authToken: string;
  /** Secrets by the SID of their API key. */
  readonly apiKeys: Map<string, string>;
  readonly keys: Collection<ApiKey>;
  defaultMessagingServiceSid: Sid<"MG">;
  /** Timers that new conversations begin with, as ISO 8601 durations as the caller wrote them. */
  defaultInactiveTimer: string | null;
  defaultClosedTimer: string | null;
  readonly webhooks: WebhookConfiguration;
}

/** A public channel of the Chat API, which is not visible in Conversations before its migration. */
export interface ChatChannel {
  readonly sid: Sid<"CH">;
  readonly serviceSid: Sid<"IS">;
  readonly friendlyName: string | undefined;
  readonly uniqueName: string | undefined;
  readonly attributes: string | undefined;
  /** Identities. */
  readonly members: readonly string[];
  readonly messages: readonly { readonly author: string; readonly body: string }[];
}

/** An API key, without its secret. */
export interface ApiKey extends Member<"SK"> {
  friendlyName: string;
  readonly dateCreated: number;
  dateUpdated: number;
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
export interface Service extends Member<"IS"> {
  readonly friendlyName: string;
  readonly conversations: Collection<Conversation>;
  readonly conversationsByUniqueName: Map<string, Conversation>;
  readonly users: Collection<User>;
  readonly usersByIdentity: Map<string, User>;
  /** The participants of any conversation, closed ones too, by their own address outside chat. */
  readonly participantsByAddress: Map<string, Set<Participant>>;
  readonly roles: Collection<Role>;
  defaultRoles: DefaultRoles;
  /** Whether users' online state is shown ("Reachability Indicator"). */
  reachabilityEnabled: boolean;
  readonly notifications: NotificationConfiguration;
  readonly pushBindings: Collection<PushBinding>;
  readonly pushBindingsByIdentity: Map<string, Set<PushBinding>>;
  readonly webhooks: WebhookConfiguration;
  readonly dateCreated: number;
  readonly dateUpdated: number;
}

/** SIDs of the roles that new participants, creators of conversations and users get. */
export interface DefaultRoles {
  readonly conversation: Sid<"RL">;
  readonly conversationCreator: Sid<"RL">;
  readonly service: Sid<"RL">;
}

/** The text of a push notification, and whether it is sent. Templates may hold variables such as `${MESSAGE}`. */
export interface NotificationTemplate {
  readonly enabled: boolean;
  readonly template: string | null;
  readonly sound: string | null;
}

/** A service's push notifications ("Push Notification Configuration for Conversations"). */
export interface NotificationConfiguration {
  logEnabled: boolean;
  newMessage: NotificationTemplate & { readonly badgeCountEnabled: boolean };
  newMessageWithMedia: Pick<NotificationTemplate, "enabled" | "template">;
  addedToConversation: NotificationTemplate;
  removedFromConversation: NotificationTemplate;
}

/** Permissions of its holders. It applies to SDK users; REST calls are made by the account. */
export interface Role extends Member<"RL"> {
  readonly friendlyName: string;
  readonly type: "conversation" | "service";
  permissions: readonly string[];
  /** How many users, or participants of conversations that exist, have it. */
  holders: number;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** The push technologies; `twilsock` is the SDK's own connection. */
export type PushType = "apn" | "gcm" | "fcm";

/** The kinds of notifications of a device, in the order of the specification's examples. */
export const pushMessageTypes = [
  "removed_from_conversation",
  "new_message",
  "added_to_conversation",
] as const;
export type PushMessageType = (typeof pushMessageTypes)[number];

/** A device's subscription to a user's push notifications. */
export interface PushBinding extends Member<"BS"> {
  readonly bindingType: PushType | "twilsock";
  readonly identity: string;
  /** The device's token. */
  readonly endpoint: string;
  credentialSid: Sid<"CR">;
  messageTypes: readonly PushMessageType[];
  /** When it was last registered or notified. */
  lastUsed: number;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** Access to a vendor's push service. The secrets are accepted and never returned. */
export interface Credential extends Member<"CR"> {
  friendlyName: string;
  type: PushType;
  sandbox: boolean;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** The kinds of addresses that can be configured. */
export type AddressType = Channel | "gbm" | "email" | "apple" | "chat";

/** The configuration for messages to an address of the account that belong to no conversation. */
export interface AddressConfiguration extends Member<"IG"> {
  readonly address: string;
  readonly type: AddressType;
  friendlyName: string;
  readonly addressCountry: string | null;
  autoCreation: AutoCreation;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** Whether such a message creates a conversation, in which service, and what is attached to it. */
export interface AutoCreation {
  readonly enabled: boolean;
  readonly type: "webhook" | "studio" | "default";
  readonly conversationServiceSid: Sid<"IS"> | undefined;
  readonly webhookUrl: string | undefined;
  readonly webhookMethod: "GET" | "POST" | undefined;
  readonly webhookFilters: readonly string[] | undefined;
  readonly studioFlowSid: Sid<"FW"> | undefined;
  readonly studioRetryCount: number | undefined;
}

/** The data submitted to register an A2P 10DLC campaign. */
export interface Campaign {
  readonly sid: Sid<"QE">;
  readonly brandSid: Sid<"BN">;
  readonly description: string;
  readonly messageFlow: string;
  readonly samples: readonly string[];
  readonly usecase: string;
  readonly hasLinks: boolean;
  readonly hasPhone: boolean;
  readonly dateCreated: number;
}

/** A messaging service: a pool of the account's numbers. */
export interface MessagingService extends Member<"MG"> {
  friendlyName: string;
  inboundRequestUrl: string | null;
  /** The URL that receives the statuses of messages sent through it, unless the message has its own. */
  statusCallback: string | null;
  useInboundWebhookOnNumber: boolean;
  /** Whether messages to its numbers that belong to no conversation create one: a setting in Twilio's Console. */
  autoCreates: boolean;
  /** By SID of the number. */
  readonly numbers: Collection<PooledNumber>;
  /** Whether an A2P 10DLC campaign is registered for it, and so for its numbers. */
  hasCampaign: boolean;
  /** The data submitted for a campaign. */
  campaign: Campaign | null;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** A number in a messaging service; its SID is the number's. */
export interface PooledNumber extends Member<NumberPrefix> {
  readonly number: OwnedNumber;
  readonly dateCreated: number;
}

/** A phone number or sender of the account. `address` carries the channel's prefix ("whatsapp:+1…"). */
export interface OwnedNumber extends Member<NumberPrefix> {
  readonly address: string;
  readonly channel: Channel;
  friendlyName: string;
  smsUrl: string;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** A file of a message of Programmable Messaging: its bytes or its URL. */
export interface ChannelMedia {
  readonly sid: Sid<"ME">;
  readonly contentType: string;
  readonly bytes: Buffer | null;
  readonly url: string | null;
}

/** A message that a number of the account received or sent outside conversations, as in Programmable Messaging. */
export interface ChannelMessage extends Member<ChannelMessagePrefix> {
  readonly direction: "inbound" | "outbound-api" | "outbound-reply";
  /** null until a sender of the messaging service is chosen. */
  from: string | null;
  readonly to: string;
  body: string;
  readonly media: readonly ChannelMedia[];
  readonly messagingServiceSid: Sid<"MG"> | null;
  status: "received" | "accepted" | "queued" | "sent" | "delivered" | "undelivered" | "failed";
  /** 0 without an error. */
  errorCode: number;
  readonly dateCreated: number;
  dateUpdated: number;
}
