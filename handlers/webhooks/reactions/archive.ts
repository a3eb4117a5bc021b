import { archiveOf } from "../../../core/archive/records.ts";
import type { ArchiveStore } from "../../../core/archive/store.ts";
import { type Reaction, reaction } from "./reaction.ts";

/**
 * Archives a conversation when it is closed: from then on it does not change (docs: Using states and timers).
 *
 * Safe to repeat, also concurrently: the same conversation has the same archive with the same key. One that cannot be read
 * completely in the remaining time is not stored. A conversation that is deleted without having been closed is not archived:
 * when Twilio calls the webhook, it no longer exists.
 */
export const archive = (archives: ArchiveStore): Reaction =>
  reaction({
    name: "archive",
    on: "onConversationStateUpdated",
    needsTurn: false,
    concerns: ({ StateTo }) => StateTo === "closed",
    async react({ ConversationSid }, { conversation, call, log }) {
      await archives.store(ConversationSid, await archiveOf(conversation), { call, log });
      return "stored";
    },
  });
