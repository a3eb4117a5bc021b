import { groupAuthor } from "../../../core/group-mms/author.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { sendOnce } from "../../../core/state/send-once.ts";
import type { EventOf } from "./event.ts";
import { lookUntil } from "./look-until.ts";
import { outboxOf, type Reaction, reaction } from "./reaction.ts";

type Added = EventOf<"onConversationAdded">;

/**
 * Greets in a new conversation. It goes to everybody in it, so where a person on a phone has begun the conversation it
 * waits until they are in: Twilio tells of the conversation first (docs: Inbound message handling & autocreation). In a
 * group text it is one of ours who greets.
 *
 * Exactly once: within a turn, it looks for the greeting before it sends it.
 */
export const welcome = (body: string, concerns: (event: Added) => boolean): Reaction =>
  reaction({
    name: "welcome",
    on: "onConversationAdded",
    needsTurn: true,
    concerns,
    async react({ Source }, scene) {
      const { conversation, found } = scene;
      if (found.state === "closed") return "too_late";
      const isFromPhone = Source !== "API" && Source !== "SDK";
      const participants = await lookUntil(
        () => conversation.participants.list(),
        (there) => !isFromPhone || there.some(({ messagingBinding }) => messagingBinding !== null),
        "The person who began the conversation is not in it yet.",
      );
      const author = groupAuthor(participants);
      const content = omitUndefined({ body, author });
      const once = { purpose: "welcome", key: "welcome", after: "start" } as const;
      return (await sendOnce(outboxOf(scene), once, content)).status;
    },
  });
