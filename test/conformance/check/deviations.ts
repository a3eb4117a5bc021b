/** A deliberate difference between the emulator and the specification. */
export interface Deviation {
  /** The product of the specification. */
  readonly product: string;
  /** "POST /v1/Conversations"; `*` matches any text. */
  readonly operation: string;
  /** The location in the report: "$.configuration.replay_after"; `*` matches any text. */
  readonly location: string;
  readonly reason: string;
}

/**
 * Every deliberate difference, each with its reason. One that no longer occurs in a run against the specification
 * is reported, so the list stays current.
 */
export const deviations: readonly Deviation[] = [
  {
    product: "content",
    operation: "* /v1/*Content*",
    location: "$*.types.*",
    reason: "a template is returned with the types that were sent; the examples show a few of them",
  },
  {
    product: "content",
    operation: "* /v1/*Content*",
    location: "$*.variables.*",
    reason: "the author of a template chooses the names of its variables",
  },
  {
    product: "content",
    operation: "* /v1/Content*",
    location: "body types.twilio/button",
    reason: "the type does not exist: it is sent in order to be rejected",
  },
  {
    product: "conversations",
    operation: "POST *Messages",
    location: "example create*",
    reason:
      "the examples show deliveries that were read; carriers report after the response to the create request",
  },
  {
    product: "conversations",
    operation: "POST */Conversation*",
    location: "body State=initializing",
    reason: "the state of a conversation whose participants are joining; it cannot be requested",
  },
  {
    product: "conversations",
    operation: "POST */Conversations",
    location: "body State=closed",
    reason: "50384 of the error dictionary: the initial state can't be closed",
  },
  {
    product: "conversations",
    operation: "POST */ConversationWithParticipants",
    location: "body State=closed",
    reason: "50384 of the error dictionary: the initial state can't be closed",
  },
  {
    product: "chat",
    operation: "POST /v3/Services/{ServiceSid}/Channels/{Sid}",
    location: "body Type=public",
    reason: "50393 of the error dictionary: only private channels can be migrated",
  },
  {
    product: "conversations",
    operation: "",
    location: "GET *ChannelMetadata",
    reason: "messages link to it and SDKs request it, but the specification omits it",
  },
  {
    product: "content",
    operation: "GET /v1/LegacyContent",
    location: "example readResults",
    reason: "an emulator has no templates from before the Content API",
  },
  {
    product: "content",
    operation: "GET /v1/LegacyContent",
    location: "query PageToken",
    reason: "an emulator has no templates from before the Content API, so there is no second page",
  },
  {
    product: "conversations",
    operation: "GET /v1/Services/{ChatServiceSid}/Configuration/Notifications",
    location: "$.*",
    reason: "fields that were never set are null; in the examples every text and sound is set",
  },
  {
    product: "studio",
    operation: "* /v2/Flows*",
    location: "$*definition.*",
    reason: "a flow is returned with the definition that was sent; the examples show a part of one",
  },
  {
    product: "studio",
    operation: "*/Context",
    location: "$.context.*",
    reason: "the variables of an execution; the examples show none of those that every execution has",
  },
  {
    product: "studio",
    operation: "*",
    location: "example *",
    reason: "the examples show neither complete definitions nor the variables of executions",
  },
  {
    product: "studio",
    operation: "GET /v2/Flows/{Sid}/Revisions*",
    location: "$*url",
    reason: "the examples are of a first revision",
  },
  {
    product: "studio",
    operation: "POST /v2/Flows/{FlowSid}/Executions/{Sid}",
    location: "body Status=active",
    reason: "an ended execution cannot be restarted, and an active one needs no change",
  },
];

/** Whether a deviation applies to this operation and location. */
export function covers(deviation: Deviation, operation: string, location: string): boolean {
  return matches(deviation.operation, operation) && matches(deviation.location, location);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
