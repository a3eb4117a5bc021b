/** A difference between the emulator and the specification that is meant to be there. */
export interface Deviation {
  /** Whose specification it differs from. */
  readonly product: string;
  /** "POST /v1/Conversations"; `*` stands for anything. */
  readonly operation: string;
  /** The location in the report: "$.configuration.replay_after"; `*` stands for anything. */
  readonly location: string;
  readonly reason: string;
}

/**
 * Every deliberate difference, each with its reason. One that no longer shows in a run against the specification
 * is reported, so the list cannot outlive what it explains.
 */
export const deviations: readonly Deviation[] = [
  {
    product: "content",
    operation: "* /v1/*Content*",
    location: "$*.types.*",
    reason: "a template comes back with the types it was sent with; the examples show a few of them",
  },
  {
    product: "content",
    operation: "* /v1/*Content*",
    location: "$*.variables.*",
    reason: "the names of a template's variables are its author's",
  },
  {
    product: "content",
    operation: "* /v1/Content*",
    location: "body types.twilio/button",
    reason: "there is no such type: it is sent in order to be refused",
  },
  {
    product: "conversations",
    operation: "POST *Messages",
    location: "example create*",
    reason: "the examples show deliveries already read; carriers answer after the create has been answered",
  },
  {
    product: "conversations",
    operation: "POST */Conversation*",
    location: "body State=initializing",
    reason: "the state of a conversation whose participants are joining; nobody can ask for it",
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
    reason: "messages link to it and SDKs ask for it, but the specification leaves it out",
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
    reason: "what was never set is null; the examples have every text and sound set",
  },
  {
    product: "studio",
    operation: "* /v2/Flows*",
    location: "$*definition.*",
    reason: "a flow comes back with the definition it was sent with; the examples show a part of one",
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
    reason: "the same: the examples show neither whole definitions nor what executions have for variables",
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
    reason:
      "an execution that has ended does not begin again, and one that is active stays so until it is ended",
  },
];

/** Whether a deviation speaks of this operation and location. */
export function covers(deviation: Deviation, operation: string, location: string): boolean {
  return matches(deviation.operation, operation) && matches(deviation.location, location);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
