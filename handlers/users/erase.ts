import * as v from "valibot";
import { backEndOnly } from "../../core/access/back-end.ts";
import { archiveStore } from "../../core/archive/target.ts";
import { continuation } from "../../core/aws/continuation.ts";
import { exactlyOne } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { address, flag, identity } from "../../core/input.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { participantConversations } from "../../core/twilio/participant-conversations.ts";
import { pushBindings } from "../../core/twilio/push-bindings.ts";
import { users } from "../../core/twilio/users.ts";
import { forEachConversation } from "./person/conversations.ts";
import { COUNTS, type Counts, type Erasure, eraseIn, eraseUser } from "./person/erasure.ts";
import { exportFolder, nameOf } from "./person/person.ts";
import { continueWork, cursor, writeCursor } from "./person/progress.ts";

const NONE: Counts = { messages: 0, media: 0, participants: 0, deletedConversations: 0, kept: 0, failed: 0 };

/**
 * Erases one person's data in all conversations: their messages with media, their participants, and a chat user's push bindings
 * and user resource. Closed conversations cannot be changed: they are listed, or deleted whole. No webhooks are called.
 *
 * Safe to call again: what is erased is not found any more, and what is left is erased or listed again. The user is deleted
 * last, and only emptied while closed conversations are kept, which are found by their user.
 */
export default defineHandler({
  access: backEndOnly("users:erase"),
  use: {
    conversations,
    participantConversations,
    users,
    pushBindings,
    state,
    archiveStore,
    continueLater: continuation,
  },
  input: v.pipe(
    v.strictObject({
      /** The chat user. */
      identity: v.optional(identity()),
      /** The address of a person on a phone or in a messenger, such as `whatsapp:+15558675310`. */
      address: v.optional(address()),
      /** Whether to search all conversations of the service, also those that the person has left: two requests for each. */
      allConversations: v.optional(flag(), false),
      /** Whether to delete closed conversations with the person's data whole, with the messages of all participants. */
      deleteConversations: v.optional(flag(), false),
      /** The `cursor` of an earlier answer, to continue there. */
      cursor: v.optional(cursor(COUNTS)),
    }),
    exactlyOne(["identity", "address"]),
  ),
  async run({ cursor, ...input }, context) {
    const { state, users, pushBindings, archiveStore, call, log } = context;
    const { identity, address, allConversations, deleteConversations } = input;
    const { job = call.requestId, counts = { ...NONE }, ...start } = cursor ?? {};
    const person = { identity, address };
    const erasure: Erasure = {
      ...context,
      person,
      deleteConversations,
      counts,
      kept: [],
      failed: [],
      closed: [],
    };
    const answer = () => ({
      /** Identifies this erasure in the log, also when it takes several calls. */
      job,
      /** The number of erased messages. */
      messages: counts.messages,
      /** The number of files of these messages. */
      media: counts.media,
      /** The number of removed participants. */
      participants: counts.participants,
      /** The number of closed conversations that were deleted whole. */
      deletedConversations: counts.deletedConversations,
      /** The number of closed conversations that keep data of the person. */
      kept: counts.kept,
      /** The number of conversations in which Twilio has rejected a change; the log has the reasons. */
      failed: counts.failed,
      /** Those of `kept` that this call has found: SIDs, separated by commas. */
      keptSids: erasure.kept.join(","),
      /** Those of `failed` that this call has found: SIDs, separated by commas. */
      failedSids: erasure.failed.join(","),
      /** Where the closed conversations that this call has found may be archived, separated by commas. */
      archives: archiveStore === undefined ? "" : erasure.closed.map(archiveStore.locationOf).join(","),
      /** Where `users/export` stores this person's data. */
      exports: archiveStore?.locationOf(`${exportFolder(state, person)}/*`) ?? null,
    });
    try {
      const search = { ...context, person, allConversations };
      const rest = await forEachConversation(search, start, (found, from) => eraseIn(found, from, erasure));
      if (rest !== undefined) {
        const group = nameOf(state, person);
        const next = await continueWork(
          { ...context, group },
          input,
          writeCursor({ job, position: rest, counts }),
        );
        log.info("erased", { ...next, ...answer(), cursor: undefined });
        return new Reply(202, { ...next, ...answer(), user: "unfinished" as const, bindings: 0 });
      }
      const { user, bindings } =
        identity === undefined
          ? { user: "none" as const, bindings: 0 }
          : await eraseUser(identity, { users, pushBindings }, counts.kept + counts.failed > 0);
      log.info("erased", { status: "erased", ...answer(), user, bindings });
      return new Reply(200, {
        status: "erased" as const,
        /** For the next call, if `status` is `unfinished`. */
        cursor: null,
        ...answer(),
        /** The chat user: `emptied` while closed conversations are kept, which are found by their user. */
        user,
        /** The number of the user's erased push bindings. */
        bindings,
      });
    } catch (error) {
      throw explainTwilioError(error, { field: identity === undefined ? "address" : "identity" });
    }
  },
});
