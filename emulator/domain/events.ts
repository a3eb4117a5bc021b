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

interface Change {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  readonly origin: Origin;
}

interface OfConversation extends Change {
  readonly conversation: Conversation;
}

/**
 * What happened, after it happened. The names are those of Twilio's post-action webhooks, where there is one.
 * Subscribers are called at once, one after the other, and read what they need then: the objects live on.
 */
export type DomainEvent =
  | (OfConversation & {
      readonly type: "onConversationAdded";
      /** What made it, when nobody asked for it. */
      readonly cause?: AutoCreationCause;
    })
  | (OfConversation & { readonly type: "onConversationUpdated" })
  | (OfConversation & {
      readonly type: "onConversationRemoved";
      /** Who was in it. */
      readonly members: readonly Participant[];
    })
  | (OfConversation & { readonly type: "onConversationStateUpdated"; readonly transition: StateTransition })
  | (OfConversation & {
      readonly type: ParticipantEventType;
      readonly participant: Participant;
      /** Whose place it was, when it has passed to somebody else or to nobody. */
      readonly formerIdentity?: string | null;
    })
  | (OfConversation & { readonly type: MessageEventType; readonly message: Message })
  | (OfConversation & {
      readonly type: "onDeliveryUpdated";
      readonly message: Message;
      readonly receipt: Receipt;
    })
  | (OfConversation & {
      /** Not a webhook of Twilio's: 50427 in its error logs. */
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
      readonly type: "onUserAdded" | "onUserUpdated";
      readonly service: Service;
      readonly user: User;
    })
  | (Change & {
      /** Not a webhook of Twilio's: what SDKs are told of who is online and notifiable. */
      readonly type: "reachabilityUpdated";
      readonly service: Service;
      readonly user: User;
    });

type ParticipantEventType = "onParticipantAdded" | "onParticipantUpdated" | "onParticipantRemoved";
type MessageEventType = "onMessageAdded" | "onMessageUpdated" | "onMessageRemoved";

/** The message from a phone that makes a conversation ("Conversations Webhooks": onConversationAdd). */
export interface AutoCreationCause {
  /** The sender's address; of a group text, those of everybody who got it, with commas between them. */
  readonly address: string;
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

/** What is about to happen, and may still be changed or refused. The names are those of the pre-action webhooks. */
export type PendingAction = { readonly origin: Origin } & (
  | {
      readonly type: "onConversationAdd";
      readonly conversation: ConversationPreview;
      readonly cause?: AutoCreationCause;
    }
  | {
      readonly type: "onConversationUpdate" | "onConversationRemove";
      readonly conversation: ConversationPreview;
    }
  | {
      readonly type: "onMessageAdd" | "onMessageUpdate" | "onMessageRemove";
      readonly conversation: ConversationPreview;
      readonly message: MessagePreview;
    }
  | {
      readonly type: "onParticipantAdd" | "onParticipantUpdate" | "onParticipantRemove";
      readonly conversation: ConversationPreview;
      readonly participant: ParticipantPreview;
    }
  | {
      readonly type: "onUserUpdate";
      readonly service: Service;
      readonly user: Pick<
        User,
        "sid" | "identity" | "friendlyName" | "attributes" | "roleSid" | "dateUpdated"
      >;
    }
);

/** What a pre-action webhook wants changed: texts by the webhook's own names (`body`, `author`, …). */
export type Modifications = ReadonlyMap<string, string>;

/**
 * Asks whoever listens before an action. Undefined when nobody does, so that the action happens at once; else the
 * changes that were asked for, or a rejection with the {@link ApiError} that the caller gets.
 */
export type Gate = (action: PendingAction) => Promise<Modifications> | undefined;
