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

/** The data of the events after an action, by the payload that the table of webhook events names. */
interface PostPayloads {
  readonly newConversation: OfConversation & {
    /** The message that created it, for autocreation. */
    readonly cause?: AutoCreationCause;
  };
  readonly conversation: OfConversation;
  readonly removedConversation: OfConversation & {
    /** Its former participants. */
    readonly members: readonly Participant[];
  };
  readonly transition: OfConversation & { readonly transition: StateTransition };
  readonly participant: OfConversation & {
    readonly participant: Participant;
    /** The previous identity, when it has changed; null when there was none. */
    readonly formerIdentity?: string | null;
  };
  readonly message: OfConversation & { readonly message: Message };
  readonly receipt: OfConversation & { readonly message: Message; readonly receipt: Receipt };
  readonly user: Change & { readonly service: Service; readonly user: User };
}

/** An event that Twilio sends webhooks for. */
export type WebhookEvent = {
  [Name in EventName<"post">]: { readonly type: Name } & PostPayloads[PayloadOf<Name>];
}[EventName<"post">];

/** The event of an earlier message, to be replayed to a webhook (`ReplayAfter`). */
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

/** An internal event: Twilio sends no webhooks for it. */
type InternalEvent =
  | (OfConversation & {
      /** 50427 in Twilio's error logs. */
      readonly type: "joiningFailed";
      readonly failure: ApiError;
    })
  | (OfConversation & {
      readonly type: "webhookAttached";
      readonly webhook: ScopedWebhook;
      /** The index of the first message to replay to it. */
      readonly replayAfter: number | undefined;
    })
  | (Change & {
      /** The reachability of a user, for SDKs. */
      readonly type: "reachabilityUpdated";
      readonly service: Service;
      readonly user: User;
    });

/**
 * An event, published after the change. Subscribers are called synchronously, in order, and must read the objects at
 * once, since these change later.
 */
export type DomainEvent = WebhookEvent | InternalEvent;

/** Whether Twilio sends webhooks for the event. */
export function isWebhookEvent(event: DomainEvent): event is WebhookEvent {
  return Object.hasOwn(webhookEventTable, event.type);
}

/** The message from a phone that creates a conversation ("Conversations Webhooks": onConversationAdd). */
export interface AutoCreationCause {
  /** The sender's address; for a group text, the addresses of all recipients. */
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

/** The states before and after, and the reason: a request, a timer, or an inbound message. */
export interface StateTransition {
  readonly from: string;
  readonly to: string;
  readonly reason: "API" | "TIMER" | "EVENT";
}

/** Fields that are not set before creation. */
type Later<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

/** The conversation to be created, for a pre-action webhook. It has no SID yet. */
export type ConversationPreview = Pick<
  Conversation,
  "service" | "friendlyName" | "uniqueName" | "attributes" | "messagingServiceSid" | "state"
> &
  Later<Pick<Conversation, "sid" | "dateCreated" | "dateUpdated">>;

/** The message to be created. It has no SID or index yet. */
export type MessagePreview = Pick<Message, "author" | "body" | "participantSid" | "media" | "attributes"> &
  Later<Pick<Message, "sid" | "seq" | "dateCreated" | "dateUpdated">>;

/** The participant to be created. It has no SID yet. */
export type ParticipantPreview = Pick<Participant, "identity" | "binding" | "attributes" | "roleSid"> &
  Later<Pick<Participant, "sid" | "dateCreated" | "dateUpdated">>;

/** The data of the events before an action, by the payload that the table of webhook events names. */
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

/** An action that a pre-action webhook can still modify or reject. */
export type PendingAction = {
  [Name in EventName<"pre">]: { readonly type: Name; readonly origin: Origin } & PrePayloads[PayloadOf<Name>];
}[EventName<"pre">];

/** The modifications by a pre-action webhook, under its own field names (`body`, `author`, …). */
export type Modifications = ReadonlyMap<string, unknown>;

/**
 * Calls the pre-action webhook. Returns undefined when none is configured, so that the action is executed synchronously;
 * else a promise of the modifications, which rejects with the {@link ApiError} for the caller.
 */
export type Gate = (action: PendingAction) => Promise<Modifications> | undefined;
