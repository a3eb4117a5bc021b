/** What the definition of an endpoint cannot say about its Lambda function. */
export interface FunctionSettings {
  /** Shown in Lambda's console, and to those who read the template. */
  readonly description: string;
  /** A role of the frame. `FunctionRole` unless given. */
  readonly role?: string;
  /** Seconds, where the frame's are not what it needs. */
  readonly timeout?: number;
  /** Variables that get the value of a resource of the frame, and not of a parameter. */
  readonly resources?: Readonly<Record<string, string>>;
  /** The queue of the frame that it takes its events from, for a consumer. */
  readonly queue?: string;
}

/** Every Lambda function, by the name of its bundle: one of each endpoint, and the one behind the queue of a queued one. */
export const FUNCTIONS: Readonly<Record<string, FunctionSettings>> = {
  "conversations/add-participant": { description: "Adds somebody to a conversation" },
  "conversations/attach-studio": { description: "Puts a Studio flow on a conversation" },
  "conversations/close": { description: "Closes a conversation" },
  "conversations/connect": { description: "Connects two people with masked numbers" },
  "conversations/detach-webhooks": { description: "Takes scoped webhooks off a conversation" },
  "conversations/find": { description: "Finds the conversation that somebody is in" },
  "conversations/remove-participant": { description: "Removes somebody from a conversation" },
  "conversations/send": { description: "Sends a message to a conversation" },
  "conversations/set-timers": { description: "Sets the timers of a conversation" },
  "group-mms/add-participant": { description: "Adds a member to a group text" },
  "group-mms/create": { description: "Begins a group text" },
  "group-mms/transfer": { description: "Hands a projected address to another chat user" },
  "media/send": { description: "Fetches a file and sends it to a conversation" },
  token: { description: "Access tokens for the Conversations SDKs" },
  "token-service": { description: "The token service of Twilio's React demo" },
  "users/unread": { description: "Counts what a user has not read" },
  "webhooks/conversation": { description: "The responder of a conversation" },
  "webhooks/post-event": {
    description: "Takes in what has happened in conversations",
    role: "PostEventRole",
    resources: { EVENT_QUEUE_URL: "EventQueue" },
  },
  "webhooks/post-event-consumer": {
    description: "Reacts to what has happened in conversations",
    role: "PostEventConsumerRole",
    timeout: 30,
    queue: "EventQueue",
  },
  "webhooks/pre-event": { description: "Moderation before a message is published" },
  "whatsapp/opt-in": { description: "Begins a two-sided WhatsApp introduction" },
  "whatsapp/opt-in-reply": { description: "Answers the invitee's reply to an introduction" },
  "whatsapp/send": { description: "Sends free text or a template over WhatsApp" },
  "whatsapp/send-receipt": { description: "Sends the template after free text that came too late" },
};
