import { archiveOf } from "./archive-records.ts";
import type { StoreArchive } from "./archive-store.ts";
import { type Reaction, reaction } from "./reaction.ts";

/**
 * Archives a conversation when it is closed: from then on it does not change any more (docs: Using states and timers).
 *
 * Safe to repeat, also at the same instant: the same conversation gives the same archive under the same key. One that
 * cannot be read to its end in the time left is not stored at all. A conversation that is deleted without having been
 * closed is not archived: when Twilio tells of it, there is nothing left to read.
 */
export const archive = (store: StoreArchive): Reaction =>
  reaction({
    name: "archive",
    on: "onConversationStateUpdated",
    needsTurn: false,
    concerns: ({ StateTo }) => StateTo === "closed",
    async react({ ConversationSid }, { conversation, call, log }) {
      await store(ConversationSid, await archiveOf(conversation), { call, log });
      return "stored";
    },
  });
