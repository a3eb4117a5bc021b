import { isoMillis } from "../dates.ts";
import type {
  AutoCreationCause,
  ConversationPreview,
  MessagePreview,
  ParticipantPreview,
  PendingAction,
  WebhookEvent,
} from "../domain/events.ts";
import type { Media, Origin, Receipt, User } from "../domain/model.ts";
import { reachabilityOf } from "../domain/reachability.ts";
import type { Sid } from "../sid.ts";

/** The parameters of an event, in the order in which they are sent. Those without a value are omitted. */
export type Fields = ReadonlyMap<string, string>;

/** The parameters of any webhook. One with several values is sent once for each of them. */
export type Parameters = ReadonlyMap<string, string | readonly string[]>;

type Value = string | number | boolean | null | undefined;
type Row = readonly [name: string, value: Value];

/**
 * The parameters of an event, from the tables of "Conversations Webhooks". `ChatServiceSid` is in all of them: observed
 * webhooks have it where the tables do not.
 */
export function eventFields(accountSid: Sid<"AC">, event: WebhookEvent): Fields {
  return toFields([...commonRows(accountSid, event.type, event.origin), ...eventRows(event)]);
}

/**
 * The parameters of a pre-action webhook. For a group text `MessagingBinding.Address` is repeated for each address, as
 * observed (twilio-node issue 722); the event after it has a list with commas.
 */
export function actionFields(accountSid: Sid<"AC">, action: PendingAction): Parameters {
  const fields = toFields([...commonRows(accountSid, action.type, action.origin), ...actionRows(action)]);
  const addresses = action.type === "onConversationAdd" ? (action.cause?.addresses ?? []) : [];
  if (addresses.length < 2) return fields;
  return new Map<string, string | readonly string[]>(fields).set("MessagingBinding.Address", addresses);
}

/** The value of a parameter with a single value. */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters.get(name);
  return typeof value === "string" ? value : value?.[0];
}

/** Every parameter by name and value, in the order in which they are sent. */
export function pairsOf(parameters: Parameters): [name: string, value: string][] {
  return [...parameters].flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value]] : value.map((one): [string, string] => [name, one]),
  );
}

function commonRows(accountSid: Sid<"AC">, type: string, { source, clientIdentity }: Origin): Row[] {
  return [
    ["AccountSid", accountSid],
    ["EventType", type],
    ["Source", source],
    ["ClientIdentity", clientIdentity],
    ["RetryCount", 0],
  ];
}

function eventRows(event: WebhookEvent): Row[] {
  const removed: Row = ["DateRemoved", isoMillis(event.at)];
  switch (event.type) {
    case "onConversationAdded":
      return [...conversationRows(event.conversation), ...causeRows(event.cause)];
    case "onConversationUpdated":
      return conversationRows(event.conversation);
    case "onConversationRemoved":
      return [...conversationRows(event.conversation), removed];
    case "onConversationStateUpdated":
      return [
        ...conversationSidRows(event.conversation),
        ["MessagingServiceSid", event.conversation.messagingServiceSid],
        ["StateUpdated", isoMillis(event.at)],
        ["StateFrom", event.transition.from],
        ["StateTo", event.transition.to],
        ["Reason", event.transition.reason],
      ];
    case "onMessageAdded":
      return [
        ...conversationSidRows(event.conversation),
        ["MessagingServiceSid", event.conversation.messagingServiceSid],
        ...messageRows({ ...event.message, dateUpdated: undefined }),
      ];
    case "onMessageUpdated":
      return [...conversationSidRows(event.conversation), ...messageRows(event.message)];
    case "onMessageRemoved":
      return [...conversationSidRows(event.conversation), ...messageRows(event.message), removed];
    case "onParticipantAdded":
      return [
        ...conversationSidRows(event.conversation),
        ...participantRows({ ...event.participant, dateUpdated: undefined }),
      ];
    case "onParticipantUpdated":
      return [
        ...conversationSidRows(event.conversation),
        ...participantRows(event.participant),
        ["LastReadMessageIndex", event.participant.lastReadMessageIndex],
      ];
    case "onParticipantRemoved":
      return [...conversationSidRows(event.conversation), ...participantRows(event.participant), removed];
    case "onDeliveryUpdated":
      return [...conversationSidRows(event.conversation), ...receiptRows(event.receipt)];
    case "onUserAdded":
      return [["ChatServiceSid", event.service.sid], ...userRows({ ...event.user, dateUpdated: undefined })];
    case "onUserUpdated": {
      const { isOnline, isNotifiable } = reachabilityOf(event.service, event.user);
      return [
        ["ChatServiceSid", event.service.sid],
        ...userRows(event.user),
        ["isOnline", isOnline ?? false],
        ["isNotifiable", isNotifiable ?? false],
      ];
    }
  }
}

function actionRows(action: PendingAction): Row[] {
  switch (action.type) {
    case "onConversationAdd":
      return [
        ...conversationRows(action.conversation),
        ...causeRows(action.cause),
        ["MessageBody", action.cause?.body],
        mediaRow(action.cause?.media ?? []),
      ];
    case "onConversationUpdate":
    case "onConversationRemove":
      return conversationRows(action.conversation);
    case "onMessageAdd":
    case "onMessageUpdate":
    case "onMessageRemove":
      return [...conversationSidRows(action.conversation), ...messageRows(action.message)];
    case "onParticipantAdd":
    case "onParticipantUpdate":
    case "onParticipantRemove":
      return [...conversationSidRows(action.conversation), ...participantRows(action.participant)];
    case "onUserUpdate":
      return [
        ["ChatServiceSid", action.service.sid],
        ...userRows({ ...action.user, dateCreated: undefined }),
      ];
  }
}

function conversationSidRows({ sid, service }: ConversationPreview): Row[] {
  return [
    ["ChatServiceSid", service.sid],
    ["ConversationSid", sid],
  ];
}

function conversationRows(conversation: ConversationPreview): Row[] {
  return [
    ...conversationSidRows(conversation),
    ["MessagingServiceSid", conversation.messagingServiceSid],
    ["DateCreated", date(conversation.dateCreated)],
    ["DateUpdated", date(conversation.dateUpdated)],
    ["FriendlyName", conversation.friendlyName],
    ["UniqueName", conversation.uniqueName],
    ["Attributes", conversation.attributes],
    ["State", conversation.state],
  ];
}

function messageRows(message: MessagePreview): Row[] {
  return [
    ["MessageSid", message.sid],
    ["Index", message.seq],
    ["DateCreated", date(message.dateCreated)],
    ["DateUpdated", date(message.dateUpdated)],
    ["Body", message.body],
    ["Author", message.author],
    ["ParticipantSid", message.participantSid],
    ["Attributes", message.attributes],
    mediaRow(message.media),
  ];
}

function mediaRow(media: readonly Media[]): Row {
  return ["Media", media.length === 0 ? undefined : JSON.stringify(media.map(mediaEntry))];
}

/** The message that created the conversation. For a group text the addresses are comma-separated. */
function causeRows(cause: AutoCreationCause | undefined): Row[] {
  return [
    ["MessagingBinding.ProxyAddress", cause?.proxyAddress],
    ["MessagingBinding.Address", cause?.addresses.join(",")],
    ["MessagingBinding.ProjectedAddress", cause?.projectedAddress],
    ["MessagingBinding.AuthorAddress", cause?.authorAddress],
  ];
}

function mediaEntry({ sid, filename, contentType, size }: Media) {
  return { Sid: sid, Filename: filename, ContentType: contentType, Size: size };
}

/** The type is in lower case, as observed; the page has it in capitals. */
function participantRows(participant: ParticipantPreview): Row[] {
  const { binding } = participant;
  return [
    ["ParticipantSid", participant.sid],
    ["DateCreated", date(participant.dateCreated)],
    ["DateUpdated", date(participant.dateUpdated)],
    ["Identity", participant.identity],
    ["RoleSid", participant.roleSid],
    ["Attributes", participant.attributes],
    ["MessagingBinding.ProxyAddress", binding?.proxyAddress],
    ["MessagingBinding.Address", binding?.address],
    ["MessagingBinding.ProjectedAddress", binding?.projectedAddress],
    ["MessagingBinding.Type", binding?.type ?? "chat"],
  ];
}

function receiptRows(receipt: Receipt): Row[] {
  return [
    ["MessageSid", receipt.message.sid],
    ["DeliveryReceiptSid", receipt.sid],
    ["ChannelMessageSid", receipt.channelMessageSid],
    ["ParticipantSid", receipt.participantSid],
    ["Status", receipt.status],
    ["ErrorCode", receipt.errorCode],
    ["DateCreated", date(receipt.dateCreated)],
    ["DateUpdated", date(receipt.dateUpdated)],
  ];
}

type UserFields = Pick<User, "sid" | "identity" | "friendlyName" | "attributes" | "roleSid"> & {
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
};

function userRows(user: UserFields): Row[] {
  return [
    ["UserSid", user.sid],
    ["DateCreated", date(user.dateCreated)],
    ["DateUpdated", date(user.dateUpdated)],
    ["Identity", user.identity],
    ["RoleSid", user.roleSid],
    ["Attributes", user.attributes],
    ["FriendlyName", user.friendlyName],
  ];
}

function date(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : isoMillis(ms);
}

function toFields(rows: readonly Row[]): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of rows)
    if (value !== null && value !== undefined) fields.set(name, String(value));
  return fields;
}
