import type { Service } from "./account-model.ts";
import type { ApiError } from "./errors.ts";
import type {
  Conversation,
  Media,
  Message,
  Origin,
  Participant,
  Receipt,
  ScopedWebhook,
  User,
} from "./model.ts";
import { type EventName, type PayloadOf, webhookEventTable } from "./webhook-events.ts";

interface Change {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  readonly origin: Origin;
}

interface OfConversation extends Change {
  readonly conversation: Conversation;
}

/** What the events after an action carry, by the payload that the table of webhook events names. */
interface PostPayloads {
  readonly newConversation: OfConversation & {
    /** What made it, when nobody asked for it. */
    readonly cause?: AutoCreationCause;
  };
  readonly conversation: OfConversation;
  readonly removedConversation: OfConversation & {
    /** Who was in it. */
    readonly members: readonly Participant[];
  };
  readonly transition: OfConversation & { readonly transition: StateTransition };
  readonly participant: OfConversation & {
    readonly participant: Participant;
    /** Whose place it was, when it has passed to somebody else or to nobody. */
    readonly formerIdentity?: string | null;
  };
  readonly message: OfConversation & { readonly message: Message };
  readonly receipt: OfConversation & { readonly message: Message; readonly receipt: Receipt };
  readonly user: Change & { readonly service: Service; readonly user: User };
}

/** What happened, and has a webhook of Twilio's. */
export type WebhookEvent = {
  [Name in EventName<"post">]: { readonly type: Name } & PostPayloads[PayloadOf<Name>];
}[EventName<"post">];

/** The event of an earlier message, for a webhook that it is replayed to (`ReplayAfter`). */
export function replayed(message: Message): Extract<WebhookEvent, { readonly type: "onMessageAdded" }> {
  const { conversation, source, dateCreated } = message;
  return {
    type: "onMessageAdded",
    at: dateCreated,
    origin: { source, webhooks: true },
    conversation,
    message,
  };
}

/** What happened, and has no webhook of Twilio's. */
type InternalEvent =
  | (OfConversation & {
      /** 50427 in Twilio's error logs. */
      readonly type: "joiningFailed";
      readonly failure: ApiError;
    })
  | (OfConversation & {
      readonly type: "webhookAttached";
      readonly webhook: ScopedWebhook;
      /** Messages from this index on are to be replayed to it. */
      readonly replayAfter: number | undefined;
    })
  | (Change & {
      /** What SDKs are told of who is online and notifiable. */
      readonly type: "reachabilityUpdated";
      readonly service: Service;
      readonly user: User;
    });

/**
 * What happened, after it happened. Subscribers are called at once, one after the other, and read what they need
 * then: the objects live on.
 */
export type DomainEvent = WebhookEvent | InternalEvent;

/** Whether Twilio has a webhook for it. */
export function isWebhookEvent(event: DomainEvent): event is WebhookEvent {
  return Object.hasOwn(webhookEventTable, event.type);
}

/** The message from a phone that makes a conversation ("Conversations Webhooks": onConversationAdd). */
export interface AutoCreationCause {
  /** The sender's address; of a group text, those of everybody who got it. */
  readonly addresses: readonly string[];
  /** The number of the account that it was sent to; null for a group text. */
  readonly proxyAddress: string | null;
  /** The account's numbers in a group text, with commas between them; null outside. */
  readonly projectedAddress: string | null;
  /** The sender of a group text; null outside. */
  readonly authorAddress: string | null;
  readonly body: string | null;
  readonly media: readonly Media[];
}

/** From which state to which, and whose doing it was: a request, a timer, or a message that came in. */
export interface StateTransition {
  readonly from: string;
  readonly to: string;
  readonly reason: "API" | "TIMER" | "EVENT";
}

/** Fields that what does not exist yet does not have. */
type Later<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

/** The conversation as it would be, for a pre-action webhook. No SID before it exists. */
export type ConversationPreview = Pick<
  Conversation,
  "service" | "friendlyName" | "uniqueName" | "attributes" | "messagingServiceSid" | "state"
> &
  Later<Pick<Conversation, "sid" | "dateCreated" | "dateUpdated">>;

/** The message as it would be. No SID or index before it exists. */
export type MessagePreview = Pick<Message, "author" | "body" | "participantSid" | "media" | "attributes"> &
  Later<Pick<Message, "sid" | "seq" | "dateCreated" | "dateUpdated">>;

/** The participant as it would be. No SID before it exists. */
export type ParticipantPreview = Pick<Participant, "identity" | "binding" | "attributes" | "roleSid"> &
  Later<Pick<Participant, "sid" | "dateCreated" | "dateUpdated">>;

/** What the events before an action carry, by the payload that the table of webhook events names. */
interface PrePayloads {
  readonly newConversation: {
    readonly conversation: ConversationPreview;
    readonly cause?: AutoCreationCause;
  };
  readonly conversation: { readonly conversation: ConversationPreview };
  readonly message: { readonly conversation: ConversationPreview; readonly message: MessagePreview };
  readonly participant: {
    readonly conversation: ConversationPreview;
    readonly participant: ParticipantPreview;
  };
  readonly user: {
    readonly service: Service;
    readonly user: Pick<User, "sid" | "identity" | "friendlyName" | "attributes" | "roleSid" | "dateUpdated">;
  };
}

/** What is about to happen, and may still be changed or rejected. */
export type PendingAction = {
  [Name in EventName<"pre">]: { readonly type: Name; readonly origin: Origin } & PrePayloads[PayloadOf<Name>];
}[EventName<"pre">];

/** What a pre-action webhook wants changed: texts by the webhook's own names (`body`, `author`, …). */
export type Modifications = ReadonlyMap<string, unknown>;

/**
 * Asks whoever listens before an action. Undefined when nobody does, so that the action happens at once; else the
 * changes that were asked for, or a rejection with the {@link ApiError} that the caller gets.
 */
export type Gate = (action: PendingAction) => Promise<Modifications> | undefined;
