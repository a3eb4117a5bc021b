import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEndOnly } from "../../core/access/back-end.ts";
import { line, messageLines, textOf } from "../../core/archive/records.ts";
import { archiveStore } from "../../core/archive/target.ts";
import { continuation } from "../../core/aws/continuation.ts";
import type { Call } from "../../core/call.ts";
import { HandlerError } from "../../core/errors.ts";
import { exactlyOne } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { address, flag, identity } from "../../core/input.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, noneIf404 } from "../../core/twilio/errors.ts";
import { participantConversations } from "../../core/twilio/participant-conversations.ts";
import { pushBindings } from "../../core/twilio/push-bindings.ts";
import { userOf, users } from "../../core/twilio/users.ts";
import { forEachConversation } from "./person/conversations.ts";
import { ownMessages } from "./person/messages.ts";
import { exportFolder, isPerson, isWrittenBy, nameOf, type Person } from "./person/person.ts";
import { continueWork, cursor, type MessagesPosition, writeCursor } from "./person/progress.ts";

const COUNTS = ["conversations", "messages", "files"] as const;

/**
 * Exports one person's data in all conversations to the archive's target: their participants, their messages with links to
 * media and receipts, the conversations, and a chat user's user resource and push bindings.
 *
 * Safe to call again: it changes nothing at Twilio, and writes the same files again.
 */
export default defineHandler({
  access: backEndOnly("users:export"),
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
      /** The `cursor` of an earlier answer, to continue there. */
      cursor: v.optional(cursor(COUNTS)),
    }),
    exactlyOne(["identity", "address"]),
  ),
  async run({ cursor, allConversations, identity, address }, context) {
    const { conversations, users, pushBindings, state, archiveStore, call, log } = context;
    if (archiveStore === undefined) throw new HandlerError(409, "no_archive", NO_ARCHIVE);
    const {
      job = call.requestId,
      counts = { conversations: 0, messages: 0, files: 0 },
      ...start
    } = cursor ?? {};
    const person = { identity, address };
    const folder = exportFolder(state, person);
    const write = async (name: string, lines: readonly string[]) => {
      await archiveStore.store(`${folder}/${name}`, textOf(lines), { call, log });
      counts.files++;
    };
    const answer = () => ({
      /** Identifies this export in the log, also when it takes several calls. */
      job,
      /** The location of its files. `*`: a file for each conversation, `user`, and at last `end`. */
      location: archiveStore.locationOf(`${folder}/*`),
      /** The number of finished conversations that hold data of the person. */
      conversations: counts.conversations,
      /** The number of their messages. */
      messages: counts.messages,
      /** The number of files. */
      files: counts.files,
    });
    try {
      const search = { ...context, person, allConversations };
      const rest = await forEachConversation(search, start, async ({ sid }, from) => {
        const part = await partOf(conversations(sid), person, from, call);
        if (part.lines.length > 0) {
          await write(from.part === 1 ? sid : `${sid}-${from.part}`, part.lines);
          counts.messages += part.messages;
          if (part.rest === undefined) counts.conversations++;
        }
        return part.rest;
      });
      if (rest !== undefined) {
        const next = await continueWork(
          { ...context, group: nameOf(state, person) },
          { identity, address, allConversations },
          writeCursor({ job, position: rest, counts }),
        );
        return new Reply(202, { ...next, ...answer() });
      }
      if (identity !== undefined) {
        const [user, bindings] = await Promise.all([
          userOf(users, identity).fetch().catch(noneIf404),
          pushBindings.of(identity),
        ]);
        const resources = [
          ...(user === undefined ? [] : [line("user", user.toJSON())]),
          ...bindings.map((binding) => line("binding", binding)),
        ];
        if (resources.length > 0) await write("user", resources);
      }
      await write("end", [line("end", { job, ...counts, date: new Date().toISOString() })]);
      return new Reply(200, { status: "exported" as const, cursor: null, ...answer() });
    } catch (error) {
      throw explainTwilioError(error, { field: identity === undefined ? "address" : "identity" });
    }
  },
});

const NO_ARCHIVE = "Set archive in POST_EVENT_REACTIONS: exports are stored where archives are.";

interface Part {
  /** None if this part holds no data of the person. */
  readonly lines: readonly string[];
  readonly messages: number;
  readonly rest?: MessagesPosition | undefined;
}

/** The person's data in a part of a conversation. */
async function partOf(
  conversation: ConversationContext,
  person: Person,
  from: MessagesPosition,
  call: Call,
): Promise<Part> {
  const found = await conversation.fetch().catch(noneIf404);
  if (found === undefined) return { lines: [], messages: 0 };
  const own = (await conversation.participants.list()).filter(isPerson(person));
  const { own: written, rest } = await ownMessages(conversation, isWrittenBy(person, own), from, call);
  if (own.length === 0 && written.length === 0) return { lines: [], messages: 0, rest };
  const lines = [
    line("conversation", found.toJSON()),
    ...own.map((participant) => line("participant", participant.toJSON())),
    ...(await messageLines(conversation, sidOf("IS", found.chatServiceSid), written)),
  ];
  return { lines, messages: written.length, rest };
}
