/** What a Lambda function needs beside what the definition and the page of its endpoint say. */
export interface FunctionSettings {
  /** Shown in Lambda's console, and to those who read the template. The first sentence of the endpoint's page unless given. */
  readonly description?: string;
  /** A role of the frame. `FunctionRole` unless given. */
  readonly role?: string;
  /** Seconds, where the frame's are not what it needs. */
  readonly timeout?: number;
  /** Variables that get the value of a resource of the frame, and not of a parameter. */
  readonly resources?: Readonly<Record<string, string>>;
  /** The queue of the frame that it takes its events from, for a consumer. */
  readonly queue?: string;
}

/** The Lambda functions that need settings, by the name of their bundle. */
export const FUNCTIONS: Readonly<Record<string, FunctionSettings>> = {
  "webhooks/post-event": {
    role: "PostEventRole",
    resources: { EVENT_QUEUE_URL: "EventQueue" },
  },
  "webhooks/post-event-consumer": {
    description: "Handles the events that wait in the queue of webhooks/post-event.",
    role: "PostEventConsumerRole",
    timeout: 30,
    queue: "EventQueue",
  },
};
