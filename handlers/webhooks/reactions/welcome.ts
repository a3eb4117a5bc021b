import { groupAuthor } from "../../../core/group-mms/author.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { sendOnce } from "../../../core/state/send-once.ts";
import type { EventOf } from "./event.ts";
import { lookUntil } from "./look-until.ts";
import { type Reaction, reaction, sendContextOf } from "./reaction.ts";

type Added = EventOf<"onConversationAdded">;

/**
 * Sends a greeting in a new conversation. It goes to all participants, so if a person on a phone has started the conversation it
 * waits until they have joined: Twilio calls the webhook before (docs: Inbound message handling & autocreation). In a group
 * text, the author is one of our members.
 *
 * Exactly once: under the conversation's lock, it searches for the greeting before it sends it.
 */
export const welcome = (body: string, concerns: (event: Added) => boolean): Reaction =>
  reaction({
    name: "welcome",
    on: "onConversationAdded",
    needsTurn: true,
    concerns,
    async react({ Source }, context) {
      const { conversation, found } = context;
      if (found.state === "closed") return "too_late";
      const isFromPhone = Source !== "API" && Source !== "SDK";
      const participants = await lookUntil(
        () => conversation.participants.list(),
        (there) => !isFromPhone || there.some(({ messagingBinding }) => messagingBinding !== null),
        "The person who started the conversation has not joined yet.",
      );
      const author = groupAuthor(participants);
      const content = omitUndefined({ body, author });
      const once = { purpose: "welcome", key: "welcome", after: "start" } as const;
      return (await sendOnce(sendContextOf(context), once, content)).status;
    },
  });
