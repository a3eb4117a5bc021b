/**
 * The JSON schema of Studio flows (docs of Studio's REST API: Studio Flow and Widget JSON Schemas), of the widgets that our
 * flows use. It is closed: Twilio's is too, and refuses what it does not know.
 */
const text = { type: "string" };
const keyAndValue = {
  type: "array",
  items: {
    type: "object",
    required: ["key", "value"],
    properties: { key: { type: "string", minLength: 1 }, value: text },
    additionalProperties: false,
  },
};
const offset = {
  type: "object",
  required: ["x", "y"],
  properties: { x: { type: "integer" }, y: { type: "integer" } },
  additionalProperties: false,
};
const message = { from: text, body: text, media_url: text, service: text, channel: text, attributes: text };
const condition = {
  type: "object",
  required: ["friendly_name", "arguments", "type", "value"],
  properties: {
    friendly_name: text,
    arguments: { type: "array", items: text },
    type: { enum: ["matches_any_of", "equal_to", "contains", "is_blank", "is_not_blank"] },
    value: text,
  },
  additionalProperties: false,
};

interface Widget {
  /** Every event of the widget. Each stands in a flow once, but for matches. */
  readonly events: readonly string[];
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
}

/** The widgets by their type. */
export const WIDGETS: Readonly<Record<string, Widget>> = {
  trigger: {
    events: [
      "incomingMessage",
      "incomingCall",
      "incomingConversationMessage",
      "incomingRequest",
      "incomingParent",
    ],
    properties: {},
    required: [],
  },
  "run-function": {
    events: ["success", "fail"],
    properties: {
      service_sid: { type: "string", pattern: "^ZS[0-9a-fA-F]{32}$" },
      environment_sid: { type: "string", pattern: "^ZE[0-9a-fA-F]{32}$" },
      function_sid: { type: "string", pattern: "^ZH[0-9a-fA-F]{32}$" },
      url: text,
      parameters: keyAndValue,
    },
    required: ["url"],
  },
  "make-http-request": {
    events: ["success", "failed"],
    properties: {
      method: { enum: ["GET", "POST"] },
      url: text,
      body: text,
      content_type: {
        enum: ["application/json;charset=utf-8", "application/x-www-form-urlencoded;charset=utf-8"],
      },
      parameters: keyAndValue,
      add_twilio_auth: { type: "boolean" },
    },
    required: ["method", "url", "content_type"],
  },
  "send-message": {
    events: ["sent", "failed"],
    properties: { ...message, to: text },
    required: ["from", "to", "body"],
  },
  "send-and-wait-for-reply": {
    events: ["incomingMessage", "timeout", "deliveryFailure"],
    properties: { ...message, timeout: { type: "string", pattern: "^\\d+$" } },
    required: ["from", "body", "timeout"],
  },
  "split-based-on": {
    events: ["noMatch", "match"],
    properties: { input: text },
    required: ["input"],
  },
};

function stateOf([type, { events, properties, required }]: [string, Widget]) {
  return {
    type: "object",
    required: ["name", "type", "transitions", "properties"],
    properties: {
      name: { type: "string", pattern: "^\\w+$" },
      type: { const: type },
      transitions: {
        type: "array",
        items: {
          type: "object",
          required: ["event"],
          properties: {
            event: { enum: events },
            next: { type: "string", minLength: 1 },
            conditions: { type: "array", items: condition },
          },
          additionalProperties: false,
        },
      },
      properties: {
        type: "object",
        required,
        properties: { ...properties, offset },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  };
}

export const flowSchema = {
  type: "object",
  required: ["description", "states", "initial_state", "flags"],
  properties: {
    description: text,
    initial_state: { type: "string", minLength: 1 },
    flags: {
      type: "object",
      required: ["allow_concurrent_calls"],
      properties: { allow_concurrent_calls: { type: "boolean" } },
      additionalProperties: false,
    },
    states: {
      type: "array",
      minItems: 1,
      maxItems: 1000,
      items: {
        type: "object",
        required: ["type"],
        discriminator: { propertyName: "type" },
        oneOf: Object.entries(WIDGETS).map(stateOf),
      },
    },
  },
  additionalProperties: false,
};
