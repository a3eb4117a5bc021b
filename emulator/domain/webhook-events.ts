/** The kinds of webhooks that can filter for an event. */
type FilteredBy =
  /** The webhooks of the account or of a service ("Webhook Configuration Resource"). */
  | "configuration"
  /** A webhook of one conversation ("Conversation Scoped Webhook Resource"). */
  | "scoped"
  /** A webhook of the conversations that an address creates ("Address Configuration Resource"). */
  | "autoCreation";

interface WebhookEventRow {
  /** `pre`: before an action, which it can change or reject; `post`: after it. */
  readonly phase: "pre" | "post";
  readonly filteredBy: readonly FilteredBy[];
  /** The kind of payload; events.ts has the type of each. */
  readonly payload: string;
}

const account = ["configuration"] as const;
const accountOrScoped = ["configuration", "scoped"] as const;
const everywhere = ["configuration", "scoped", "autoCreation"] as const;

/**
 * Every event of "Conversations Webhooks". According to "Using Facebook Messenger with Twilio Conversations" the
 * webhooks of auto-created conversations receive `onConversationAdded`.
 */
export const webhookEventTable = {
  onConversationAdd: { phase: "pre", filteredBy: account, payload: "newConversation" },
  onConversationUpdate: { phase: "pre", filteredBy: account, payload: "conversation" },
  onConversationRemove: { phase: "pre", filteredBy: account, payload: "conversation" },
  onMessageAdd: { phase: "pre", filteredBy: account, payload: "message" },
  onMessageUpdate: { phase: "pre", filteredBy: account, payload: "message" },
  onMessageRemove: { phase: "pre", filteredBy: account, payload: "message" },
  onParticipantAdd: { phase: "pre", filteredBy: account, payload: "participant" },
  onParticipantUpdate: { phase: "pre", filteredBy: account, payload: "participant" },
  onParticipantRemove: { phase: "pre", filteredBy: account, payload: "participant" },
  onUserUpdate: { phase: "pre", filteredBy: account, payload: "user" },
  onConversationAdded: { phase: "post", filteredBy: everywhere, payload: "newConversation" },
  onConversationUpdated: { phase: "post", filteredBy: everywhere, payload: "conversation" },
  onConversationRemoved: { phase: "post", filteredBy: everywhere, payload: "removedConversation" },
  onConversationStateUpdated: { phase: "post", filteredBy: everywhere, payload: "transition" },
  onMessageAdded: { phase: "post", filteredBy: everywhere, payload: "message" },
  onMessageUpdated: { phase: "post", filteredBy: everywhere, payload: "message" },
  onMessageRemoved: { phase: "post", filteredBy: everywhere, payload: "message" },
  onParticipantAdded: { phase: "post", filteredBy: everywhere, payload: "participant" },
  onParticipantUpdated: { phase: "post", filteredBy: everywhere, payload: "participant" },
  onParticipantRemoved: { phase: "post", filteredBy: everywhere, payload: "participant" },
  onDeliveryUpdated: { phase: "post", filteredBy: everywhere, payload: "receipt" },
  onUserAdded: { phase: "post", filteredBy: accountOrScoped, payload: "user" },
  onUserUpdated: { phase: "post", filteredBy: accountOrScoped, payload: "user" },
} as const satisfies Record<string, WebhookEventRow>;

type Table = typeof webhookEventTable;

/** The names of the events of a phase. */
export type EventName<Phase extends WebhookEventRow["phase"]> = {
  [Name in keyof Table]: Table[Name]["phase"] extends Phase ? Name : never;
}[keyof Table];

/** The payload of an event in the table. */
export type PayloadOf<Name extends keyof Table> = Table[Name]["payload"];

const rows: readonly (readonly [name: string, row: WebhookEventRow])[] = Object.entries(webhookEventTable);

/** The names of the events before an action. */
export const preActionEvents: readonly string[] = rows
  .filter(([, { phase }]) => phase === "pre")
  .map(([name]) => name);

/** The names of the events that a kind of webhook can filter for. */
export function eventsFilteredBy(kind: FilteredBy): readonly string[] {
  return rows.filter(([, { filteredBy }]) => filteredBy.includes(kind)).map(([name]) => name);
}
