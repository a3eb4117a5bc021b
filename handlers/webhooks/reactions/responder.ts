import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type { Sid } from "../../../core/sid.ts";
import { withoutQuery } from "../../../core/state/carried.ts";
import { attachFlow } from "../../../core/twilio/attach-flow.ts";
import { searchUntilSettled } from "../../../core/twilio/once.ts";
import { addWebhook } from "../../../core/twilio/own-webhook.ts";
import type { EventOf } from "./event.ts";
import { type Reaction, reaction } from "./reaction.ts";

/** A responder to the messages of a conversation: a Studio flow, or a bot by its URL. */
export type Responder = { readonly flowSid: Sid<"FW"> } | { readonly botUrl: string };

/**
 * Attaches a Studio flow or a bot to a new conversation, with a scoped webhook (docs: Using Google Dialogflow CX with
 * Conversations). It also gets earlier messages, such as the one with which a person on a phone has started the conversation.
 *
 * Called again, it finds the webhook by the flow or the URL.
 */
export const attachResponder = (
  responder: Responder,
  concerns: (event: EventOf<"onConversationAdded">) => boolean,
): Reaction =>
  reaction({
    name: "responder",
    on: "onConversationAdded",
    needsTurn: true,
    concerns,
    async react(_event, { conversation, found, call, settlesAt = 0 }) {
      if (found.state === "closed") return "too_late";
      if ("flowSid" in responder) {
        const flow = { flowSid: responder.flowSid, replayAfter: 0 };
        const { isAdded } = await attachFlow(conversation, flow, call, settlesAt);
        return isAdded ? "attached" : "existing";
      }
      const { botUrl: url } = responder;
      const isBot = ({ configuration }: WebhookInstance) =>
        [configuration.url, withoutQuery(configuration.url)].includes(url);
      const find = async () => (await conversation.webhooks.list()).find(isBot);
      if (await searchUntilSettled({ find, call }, settlesAt)) return "existing";
      await addWebhook(conversation, { url, event: "onMessageAdded", replayAfter: 0 }, call);
      return "attached";
    },
  });
