import type { Conversation, Participant } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import { attachWebhook, detachWebhook } from "../domain/webhooks.ts";
import type { Execution, JsonObject } from "./model.ts";
import { isObject } from "./widget.ts";

/*
 * `flow.channel`: the conversation that an execution has started, resumed or handed off.
 */

/** Studio acts as the account, without webhooks. */
export const byStudio = { source: "API", webhooks: false } as const;

/** A conversation of any service. */
export function conversationOf(resources: Resources, sid: string): Conversation | undefined {
  for (const { conversations } of resources.services.values()) {
    const conversation = conversations.get(sid);
    if (conversation !== undefined) return conversation;
  }
  return undefined;
}

/**
 * Connects an execution that was started elsewhere with a conversation, whose messages it receives until its end.
 * Returns the widget's result.
 */
export function enterConversation(
  resources: Resources,
  execution: Execution,
  conversation: Conversation,
): JsonObject {
  const webhook = attachWebhook(
    resources,
    conversation,
    {
      target: "studio",
      flowSid: execution.flow.sid,
      url: undefined,
      method: undefined,
      filters: ["onMessageAdded"],
      triggers: [],
      replayAfter: undefined,
    },
    byStudio,
  );
  const participants = [...conversation.participants.values()].map(present);
  const first = [...conversation.participants.values()][0];
  const { sid, service, friendlyName } = conversation;
  execution.party = {
    contact: first?.binding?.address ?? first?.identity ?? sid,
    address: first?.binding?.proxyAddress ?? execution.party.address,
    conversationSid: sid,
  };
  const details = {
    chat_service_sid: service.sid,
    friendly_name: friendlyName,
    participants,
    webhook_sid: webhook.sid,
  };
  execution.channel = { sid, type: "conversation", status: "active", details };
  execution.flow.active.set(sid, execution);
  return {
    conversation: {
      sid,
      chat_service_sid: service.sid,
      friendly_name: friendlyName,
      attributes: conversation.attributes,
      state: conversation.state,
      messaging_service_sid: conversation.messagingServiceSid,
      participants,
    },
    webhook_sid: webhook.sid,
    close_channel_on_execution_end: false,
  };
}

/** Deletes the webhook that {@link enterConversation} has added; other webhooks of the flow stay for the next execution. */
export function letGo(resources: Resources, { channel, party }: Execution): void {
  const details = isObject(channel.details) ? channel.details : {};
  const conversation = conversationOf(resources, party.conversationSid ?? "");
  const webhook = conversation?.webhooks.get(String(details.webhook_sid));
  if (conversation !== undefined && webhook !== undefined) detachWebhook(conversation, webhook);
}

/** Removes every webhook of the flow from the conversation, and stops its messages in it. */
export function handOff(resources: Resources, execution: Execution): void {
  const conversation = conversationOf(resources, execution.party.conversationSid ?? "");
  for (const webhook of [...(conversation?.webhooks.values() ?? [])]) {
    if (webhook.flowSid === execution.flow.sid && conversation !== undefined)
      detachWebhook(conversation, webhook);
  }
  execution.channel = { ...execution.channel, status: "handed off" };
}

/** Whether a person at Flex has the conversation. */
export function isHandedOff({ channel }: Execution): boolean {
  return channel.status === "handed off";
}

function present({ sid, identity, binding }: Participant): JsonObject {
  const { type = "chat", address = null, proxyAddress = null } = binding ?? {};
  return { sid, identity, messaging_binding: { type, address, proxy_address: proxyAddress } };
}
