import type { Kind } from "./fields.ts";

/*
 * The fields are the parameters of Twilio's own create calls, in the spelling of its Node client.
 */

const dates = { dateCreated: "text", dateUpdated: "text" } as const;

const participant: Kind = {
  prefixes: ["MB"],
  fields: {
    identity: "text",
    messagingBinding: { address: "text", proxyAddress: "text", projectedAddress: "text" },
    attributes: "json",
    roleSid: "text",
    ...dates,
  },
  children: {},
};

const message: Kind = {
  prefixes: ["IM"],
  fields: {
    author: "text",
    body: "text",
    attributes: "json",
    contentSid: "text",
    contentVariables: "json",
    ...dates,
  },
  children: {},
};

const scopedWebhook: Kind = {
  prefixes: ["WH"],
  fields: {
    target: "text",
    configuration: {
      url: "text",
      method: "text",
      filters: "list",
      triggers: "list",
      flowSid: "text",
      replayAfter: "number",
    },
  },
  children: {},
};

const conversation: Kind = {
  prefixes: ["CH"],
  fields: {
    friendlyName: "text",
    uniqueName: "text",
    attributes: "json",
    messagingServiceSid: "text",
    state: "text",
    timers: { inactive: "text", closed: "text" },
    ...dates,
  },
  children: { participants: participant, messages: message, webhooks: scopedWebhook },
};

const user: Kind = {
  prefixes: ["US"],
  fields: { identity: "text", friendlyName: "text", attributes: "json", roleSid: "text" },
  children: {},
};

const role: Kind = {
  prefixes: ["RL"],
  fields: { friendlyName: "text", type: "text", permission: "list" },
  children: {},
};

const service: Kind = {
  prefixes: ["IS"],
  fields: { friendlyName: "text" },
  children: { roles: role, users: user, conversations: conversation },
};

const number: Kind = { prefixes: ["PN", "XE"], fields: { address: "text" }, children: {} };

const content: Kind = {
  prefixes: ["HX"],
  fields: {
    friendlyName: "text",
    language: "text",
    variables: "object",
    types: "object",
    approval: "object",
  },
  children: {},
};

const address: Kind = {
  prefixes: ["IG"],
  fields: {
    type: "text",
    address: "text",
    friendlyName: "text",
    addressCountry: "text",
    autoCreation: {
      enabled: "flag",
      type: "text",
      conversationServiceSid: "text",
      webhookUrl: "text",
      webhookMethod: "text",
      webhookFilters: "list",
      studioFlowSid: "text",
      studioRetryCount: "number",
    },
  },
  children: {},
};

const flow: Kind = {
  prefixes: ["FW"],
  fields: { friendlyName: "text", status: "text", definition: "json", commitMessage: "text" },
  children: {},
};

/** A whole seed: what an account holds beside what every new one has. */
export const seedDocument: Kind = {
  prefixes: [],
  fields: {
    webhooks: { preWebhookUrl: "text", postWebhookUrl: "text", method: "text", filters: "list" },
    faults: "items",
  },
  children: {
    numbers: number,
    contents: content,
    roles: role,
    users: user,
    conversations: conversation,
    services: service,
    addresses: address,
    flows: flow,
  },
};
