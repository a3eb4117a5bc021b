import { isoSeconds } from "../dates.ts";
import type { Conversation, ScopedWebhook } from "../domain/model.ts";
import { attachWebhook, detachWebhook, type ScopedWebhookInput, updateWebhook } from "../domain/webhooks.ts";
import { listResponse } from "../http/list.ts";
import { type Call, conversationOf, type Handler, notFound, param, scope } from "./call.ts";

/** POST /Conversations/{ConversationSid}/Webhooks */
export const create: Handler = (call) => {
  const conversation = conversationOf(call);
  const webhook = attachWebhook(call.resources, conversation, input(call), call.origin);
  return { status: 201, body: present(call, conversation, webhook) };
};

/** GET /Conversations/{ConversationSid}/Webhooks/{Sid} */
export const fetch: Handler = (call) => {
  const conversation = conversationOf(call);
  return { status: 200, body: present(call, conversation, webhookOf(call, conversation)) };
};

/** POST /Conversations/{ConversationSid}/Webhooks/{Sid} */
export const update: Handler = (call) => {
  const conversation = conversationOf(call);
  const webhook = webhookOf(call, conversation);
  updateWebhook(call.resources, conversation, webhook, input(call));
  return { status: 200, body: present(call, conversation, webhook) };
};

/** DELETE /Conversations/{ConversationSid}/Webhooks/{Sid} */
export const remove: Handler = (call) => {
  const conversation = conversationOf(call);
  detachWebhook(conversation, webhookOf(call, conversation));
  return { status: 204 };
};

/** GET /Conversations/{ConversationSid}/Webhooks */
export const list: Handler = (call) => {
  const conversation = conversationOf(call);
  return listResponse(`${call.base}/Conversations/${conversation.sid}/Webhooks`, call.query, {
    key: "webhooks",
    members: conversation.webhooks,
    sidPrefix: "WH",
    defaultSize: 5,
    maxSize: 5,
    present: (webhook) => present(call, conversation, webhook),
  });
};

function webhookOf(call: Call, conversation: Conversation): ScopedWebhook {
  const webhook = conversation.webhooks.get(param(call, "Sid"));
  if (webhook === undefined) throw notFound(call);
  return webhook;
}

function input(call: Call): ScopedWebhookInput {
  const { form } = call;
  return {
    target: form.get("Target"),
    url: form.get("Configuration.Url"),
    method: form.get("Configuration.Method"),
    filters: form.all("Configuration.Filters"),
    triggers: form.all("Configuration.Triggers"),
    flowSid: form.get("Configuration.FlowSid"),
    replayAfter: form.get("Configuration.ReplayAfter"),
  };
}

/** Contains the fields that were set; keywords of triggers are returned as `filters` (the specification's example). */
function present(call: Call, conversation: Conversation, webhook: ScopedWebhook): unknown {
  const { url, method, filters, flowSid } = webhook;
  return {
    account_sid: call.resources.account.sid,
    ...scope(call),
    conversation_sid: conversation.sid,
    sid: webhook.sid,
    target: webhook.target,
    configuration: { url, method, filters: webhook.triggers ?? filters, flow_sid: flowSid },
    date_created: isoSeconds(webhook.dateCreated),
    date_updated: isoSeconds(webhook.dateUpdated),
    url: `${call.base}/Conversations/${conversation.sid}/Webhooks/${webhook.sid}`,
  };
}
