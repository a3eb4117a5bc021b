import type { WebhookInstance } from "twilio/lib/rest/conversations/v1/conversation/webhook.js";
import type { Sid } from "../../../core/sid.ts";
import { withoutQuery } from "../../../core/state/carried.ts";
import { createCarefully, searchUntilSettled } from "../../../core/twilio/once.ts";
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
    async react(_event, { conversation: { webhooks }, found, call, settlesAt = 0 }) {
      if (found.state === "closed") return "too_late";
      const isIt = ({ configuration }: WebhookInstance) =>
        "flowSid" in responder
          ? configuration.flow_sid === responder.flowSid
          : [configuration.url, withoutQuery(configuration.url)].includes(responder.botUrl);
      const find = async () => (await webhooks.list()).find(isIt);
      if (await searchUntilSettled({ find, call }, settlesAt)) return "existing";
      const create = () =>
        webhooks.create({
          ...("flowSid" in responder
            ? { target: "studio", "configuration.flowSid": responder.flowSid }
            : { target: "webhook", "configuration.url": responder.botUrl, "configuration.method": "post" }),
          "configuration.filters": ["onMessageAdded"],
          "configuration.replayAfter": 0,
        });
      await createCarefully({ create, find, call });
      return "attached";
    },
  });
