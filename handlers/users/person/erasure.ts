import type {
  ConversationContext,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import type { UserListInstance as Users } from "twilio/lib/rest/conversations/v1/user.js";
import type { Call } from "../../../core/call.ts";
import { isWorthRepeating } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { Sid } from "../../../core/sid.ts";
import { explainTwilioError, isTwilioError, noneIf404 } from "../../../core/twilio/errors.ts";
import { removeIfPresent, repeatWhileUncertain } from "../../../core/twilio/once.ts";
import type { PushBindings } from "../../../core/twilio/push-bindings.ts";
import { userOf } from "../../../core/twilio/users.ts";
import type { Found } from "./conversations.ts";
import { ownMessages } from "./messages.ts";
import { isPerson, isWrittenBy, type Person } from "./person.ts";
import { hasTime, type MessagesPosition } from "./progress.ts";

/** Twilio's error for a change of a closed conversation. */
const CLOSED = 50377;
const REMOVED_AT_ONCE = 8;

/** What was erased, summed over the calls. */
export const COUNTS = [
  "messages",
  "media",
  "participants",
  "deletedConversations",
  "kept",
  "failed",
] as const;
export type Counts = Record<(typeof COUNTS)[number], number>;

/** What a call needs to erase, and what it reports. */
export interface Erasure {
  readonly conversations: Conversations;
  readonly person: Person;
  readonly deleteConversations: boolean;
  readonly call: Call;
  readonly log: Log;
  readonly counts: Counts;
  /** Closed conversations that keep the person's data. */
  readonly kept: Sid<"CH">[];
  /** Conversations in which Twilio has rejected a change. */
  readonly failed: Sid<"CH">[];
  /** All closed conversations with the person's data: they may have an archive. */
  readonly closed: Sid<"CH">[];
}

/**
 * Erases the person's data in a conversation. What Twilio rejects for good is reported.
 *
 * @returns where to continue; `undefined` if the conversation is finished.
 * @throws an error after which the call can be repeated.
 */
export async function eraseIn(
  { sid, isClosed }: Found,
  from: MessagesPosition,
  erasure: Erasure,
): Promise<MessagesPosition | undefined> {
  const conversation = erasure.conversations(sid);
  try {
    if (!isClosed) return await eraseOpen(conversation, from, erasure);
    return await eraseClosed(conversation, sid, from, erasure);
  } catch (error) {
    // Deleted meanwhile.
    if (isTwilioError(error, { status: 404 })) return undefined;
    if (isTwilioError(error, { code: CLOSED })) {
      await keepOrDelete(conversation, sid, erasure);
      return undefined;
    }
    const explained = explainTwilioError(error);
    if (isWorthRepeating(explained)) throw explained;
    erasure.log.warn("not_erased", { conversationSid: sid, error: explained });
    erasure.failed.push(sid);
    erasure.counts.failed++;
    return undefined;
  }
}

async function eraseOpen(
  conversation: ConversationContext,
  from: MessagesPosition,
  { person, call, counts }: Erasure,
): Promise<MessagesPosition | undefined> {
  const present = (await conversation.participants.list()).filter(isPerson(person));
  const { own, rest } = await ownMessages(conversation, isWrittenBy(person, present), from, call);
  for (let start = 0; start < own.length; start += REMOVED_AT_ONCE) {
    if (start > 0 && !hasTime(call)) return from;
    const removals = own.slice(start, start + REMOVED_AT_ONCE).map(async ({ sid, media }) => {
      // Twilio deletes the files with their message (docs: Media support in Conversations).
      if (!(await removeIfPresent(() => conversation.messages(sid).remove()))) return;
      counts.messages++;
      counts.media += ((media ?? []) as unknown[]).length;
    });
    await Promise.all(removals);
  }
  if (rest !== undefined) return rest;
  // Last: through the participant a repeated call finds the conversation.
  for (const { sid } of present) {
    if (await removeIfPresent(() => conversation.participants(sid).remove())) counts.participants++;
  }
  return undefined;
}

async function eraseClosed(
  conversation: ConversationContext,
  sid: Sid<"CH">,
  from: MessagesPosition,
  erasure: Erasure,
): Promise<MessagesPosition | undefined> {
  const { person, call } = erasure;
  const present = (await conversation.participants.list()).filter(isPerson(person));
  if (present.length === 0) {
    const { own, rest } = await ownMessages(conversation, isWrittenBy(person, present), from, call);
    if (own.length === 0) return rest;
  }
  await keepOrDelete(conversation, sid, erasure);
  return undefined;
}

async function keepOrDelete(
  conversation: ConversationContext,
  sid: Sid<"CH">,
  { deleteConversations, counts, kept, closed }: Erasure,
): Promise<void> {
  closed.push(sid);
  if (!deleteConversations) {
    kept.push(sid);
    counts.kept++;
  } else if (await removeIfPresent(() => conversation.remove())) counts.deletedConversations++;
}

/**
 * Erases a chat user's push bindings, and the user.
 *
 * @param isKept Whether the user is only emptied.
 */
export async function eraseUser(
  identity: string,
  { users, pushBindings }: { readonly users: Users; readonly pushBindings: PushBindings },
  isKept: boolean,
): Promise<{ readonly user: "deleted" | "emptied" | "none"; readonly bindings: number }> {
  const bindings = await pushBindings.of(identity);
  for (const binding of bindings) await pushBindings.remove(binding);
  const user = userOf(users, identity);
  if (!isKept) {
    const isDeleted = await removeIfPresent(() => user.remove());
    return { user: isDeleted ? "deleted" : "none", bindings: bindings.length };
  }
  if ((await user.fetch().catch(noneIf404)) === undefined) return { user: "none", bindings: bindings.length };
  await repeatWhileUncertain(() => user.update({ friendlyName: identity, attributes: "{}" }));
  return { user: "emptied", bindings: bindings.length };
}
