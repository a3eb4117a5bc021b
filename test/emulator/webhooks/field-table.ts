/** The fields of an event: those that are always present, and those that are present when they have a value. */
export interface EventFields {
  readonly always: readonly string[];
  readonly optional?: readonly string[];
}

/** In every webhook. The first three are documented; captures also have the others. */
const common = ["AccountSid", "EventType", "Source", "RetryCount", "ChatServiceSid"];

const conversation = ["Attributes", "MessagingServiceSid", "State"];
const dates = ["DateCreated", "DateUpdated"];
const names = ["FriendlyName", "UniqueName"];
/** Of the message that created the conversation, if any. */
const cause = [
  "MessagingBinding.ProxyAddress",
  "MessagingBinding.Address",
  "MessagingBinding.ProjectedAddress",
  "MessagingBinding.AuthorAddress",
];
const message = ["Author", "Attributes"];
const posted = ["MessageSid", "Index"];
const content = ["Body", "ParticipantSid", "Media"];
const participant = ["Attributes", "MessagingBinding.Type"];
const binding = [
  "Identity",
  "RoleSid",
  "MessagingBinding.ProxyAddress",
  "MessagingBinding.Address",
  "MessagingBinding.ProjectedAddress",
];
const user = ["UserSid", "Identity", "RoleSid", "Attributes"];

function ofConversation(...fields: string[]): string[] {
  return [...common, "ConversationSid", ...fields];
}

/**
 * The parameters of each event in the tables of "Conversations Webhooks". Omitted is `ClientIdentity`, which only
 * events caused by SDK users have.
 */
export const fieldTable: Readonly<Record<string, EventFields>> = {
  onConversationAdd: {
    always: [...common, ...conversation],
    optional: [...names, ...cause, "MessageBody", "Media"],
  },
  onConversationRemove: { always: ofConversation(...conversation, ...dates), optional: names },
  onConversationUpdate: { always: ofConversation(...conversation, ...dates), optional: names },
  onMessageAdd: { always: ofConversation(...message), optional: content },
  onMessageRemove: { always: ofConversation(...message, ...posted, ...dates), optional: content },
  onMessageUpdate: { always: ofConversation(...message, ...posted, ...dates), optional: content },
  onParticipantAdd: { always: ofConversation(...participant), optional: binding },
  onParticipantRemove: {
    always: ofConversation(...participant, ...dates, "ParticipantSid"),
    optional: binding,
  },
  onParticipantUpdate: {
    always: ofConversation(...participant, ...dates, "ParticipantSid"),
    optional: binding,
  },
  onUserUpdate: { always: [...common, ...user, "DateUpdated"], optional: ["FriendlyName"] },
  onConversationAdded: {
    always: ofConversation(...conversation, ...dates),
    optional: [...names, ...cause],
  },
  onConversationRemoved: {
    always: ofConversation(...conversation, ...dates, "DateRemoved"),
    optional: names,
  },
  onConversationUpdated: { always: ofConversation(...conversation, ...dates), optional: names },
  onConversationStateUpdated: {
    always: ofConversation("StateUpdated", "StateFrom", "StateTo", "Reason", "MessagingServiceSid"),
  },
  onMessageAdded: {
    always: ofConversation(...message, ...posted, "DateCreated", "MessagingServiceSid"),
    optional: content,
  },
  onMessageUpdated: { always: ofConversation(...message, ...posted, ...dates), optional: content },
  onMessageRemoved: {
    always: ofConversation(...message, ...posted, ...dates, "DateRemoved"),
    optional: content,
  },
  onParticipantAdded: {
    always: ofConversation(...participant, "DateCreated", "ParticipantSid"),
    optional: binding,
  },
  onParticipantRemoved: {
    always: ofConversation(...participant, ...dates, "DateRemoved", "ParticipantSid"),
    optional: binding,
  },
  onParticipantUpdated: {
    always: ofConversation(...participant, ...dates, "ParticipantSid"),
    optional: [...binding, "LastReadMessageIndex"],
  },
  onDeliveryUpdated: {
    always: ofConversation(
      ...dates,
      "MessageSid",
      "DeliveryReceiptSid",
      "ChannelMessageSid",
      "ParticipantSid",
      "Status",
      "ErrorCode",
    ),
  },
  onUserAdded: { always: [...common, ...user, "DateCreated"], optional: ["FriendlyName"] },
  onUserUpdated: {
    always: [...common, ...user, ...dates, "isOnline", "isNotifiable"],
    optional: ["FriendlyName"],
  },
};
