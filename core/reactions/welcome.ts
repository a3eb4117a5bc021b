import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import { HandlerError } from "../errors.ts";
import type { EventOf } from "../events/event.ts";
import { sendUnlessSent } from "../twilio/marked-messages.ts";
import { type Reaction, reaction } from "./reaction.ts";

type Added = EventOf<"onConversationAdded">;

const LOOKS = 10;
const PAUSE_MS = 200;

/**
 * Greets in a new conversation. It goes to everybody in it, so where a person on a phone has begun the conversation it
 * waits until they are in: Twilio tells of the conversation first (docs: Inbound message handling & autocreation).
 *
 * Exactly once: within a turn, it looks for the greeting among the first messages before it sends it.
 */
export const welcome = (body: string, concerns: (event: Added) => boolean): Reaction =>
  reaction({
    name: "welcome",
    on: "onConversationAdded",
    needsTurn: true,
    concerns,
    async react({ Source }, { conversation, found }) {
      if (found.state === "closed") return "too_late";
      if (Source !== "API" && Source !== "SDK") await untilPersonIsIn(conversation);
      return sendUnlessSent(conversation, { purpose: "welcome", among: "first" }, { body });
    },
  });

/** @throws {HandlerError} when they are not there in two seconds. Worth another try. */
async function untilPersonIsIn({ participants }: ConversationContext): Promise<void> {
  for (let look = 1; ; look++) {
    if ((await participants.list()).some(({ messagingBinding }) => messagingBinding !== null)) return;
    if (look === LOOKS) {
      throw new HandlerError(503, "nobody_there", "The person who began the conversation is not in it yet.");
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
