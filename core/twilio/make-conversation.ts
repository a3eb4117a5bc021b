import type {
  ConversationContext,
  ConversationInstance,
  ConversationListInstance as Conversations,
  ConversationListInstanceCreateOptions as NewConversation,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../call.ts";
import { HandlerError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Sid } from "../sid.ts";
import { scaled } from "../time-scale.ts";
import { conversationOf } from "./conversations.ts";
import { explainTwilioError, type FieldsOfRequest, isTwilioError, noneIf404 } from "./errors.ts";
import { createUnique, OutcomeUnknown, repeatWhileUncertain } from "./once.ts";

/** No platform lets a call run this long: the call that left an incomplete conversation of this age has ended. */
export const ABANDONED_AFTER_MS = scaled(60_000);

/**
 * Creates the conversation with a unique name, or finds it: of several calls with one name, one create succeeds. The caller
 * recognizes its own by the attributes.
 *
 * @returns it, or `undefined` when it was deleted meanwhile.
 */
export async function makeOrFind(
  { conversations, call }: { readonly conversations: Conversations; readonly call: Call },
  uniqueName: string,
  conversation: Omit<NewConversation, "uniqueName">,
): Promise<ConversationInstance | undefined> {
  const find = () => conversationOf(conversations, uniqueName).fetch().catch(noneIf404);
  try {
    const create = () => conversations.create({ ...conversation, uniqueName });
    return await createUnique<ConversationInstance>({ create, find, call });
  } catch (error) {
    if (!isTwilioError(error, { code: 50353 })) throw explainTwilioError(error, { field: "uniqueName" });
    return find().catch((cause: unknown) => {
      throw explainTwilioError(cause, { field: "uniqueName" });
    });
  }
}

/** 502: a conversation could not be completed, and could not be removed again. */
class LeftBehind extends HandlerError {
  constructor(conversationSid: Sid<"CH">, cause: unknown) {
    const reason = cause instanceof HandlerError ? `${cause.message} ` : "";
    const advice = "The incomplete conversation could not be removed again: close or delete it.";
    super(502, "left_half_made", `${reason}${advice}`, { conversationSid, cause });
  }
}

/**
 * Fills a conversation that this call has created, or removes it again, unless there are messages in it by then.
 *
 * @param fill Adds participants, webhooks and messages.
 * @returns what `fill` returns.
 * @throws what `fill` throws, explained for the caller; or that the conversation was left behind.
 */
export async function fillOrRemove<Result>(
  conversation: ConversationContext,
  conversationSid: Sid<"CH">,
  { call, log }: { readonly call: Call; readonly log: Log },
  fill: () => Promise<Result>,
): Promise<Result> {
  call.reserve();
  try {
    return await fill();
  } catch (error) {
    call.spendReserve();
    const reason = explainTwilioError(error);
    await removeIfEmpty(conversation).catch(async (cause: unknown) => {
      // The message whose outcome was unknown has appeared: it was the last step, so the conversation is complete.
      if (cause instanceof NotEmpty && error instanceof OutcomeUnknown && (await error.findMessage?.()))
        return;
      log.error("left_behind", { conversationSid, error: reason, cause });
      throw new LeftBehind(conversationSid, reason);
    });
    throw reason;
  }
}

class NotEmpty extends Error {}

/** Deletes a conversation that this call has created. @throws {NotEmpty} when there are messages in it. */
async function removeIfEmpty(conversation: ConversationContext): Promise<void> {
  const [message] = await conversation.messages.list({ limit: 1 });
  if (message) throw new NotEmpty("The conversation contains messages.");
  await removeConversation(conversation);
}

/** Waits for all steps before it fails with the first failure, so that none of them acts on a conversation that is removed. */
export async function allOrFirstFailure(steps: readonly Promise<unknown>[]): Promise<void> {
  for (const step of await Promise.allSettled(steps)) if (step.status === "rejected") throw step.reason;
}

/** Adds a person by their address and the proxy address that they see. */
export async function addPerson(
  { conversation, call }: { readonly conversation: ConversationContext; readonly call: Call },
  address: string,
  proxyAddress: string,
  fields: FieldsOfRequest,
): Promise<void> {
  const isSamePerson = (participant: { messagingBinding: { address?: string } | null }) =>
    participant.messagingBinding?.address === address;
  const create = () =>
    conversation.participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": proxyAddress,
    });
  const find = async () => (await conversation.participants.list()).find(isSamePerson);
  await createUnique({ create, find, call }).catch((error: unknown) => {
    throw explainTwilioError(error, fields);
  });
}

/** Deletes a conversation. The request is repeated when its answer is lost. */
export async function removeConversation(conversation: ConversationContext): Promise<void> {
  await repeatWhileUncertain(() => conversation.remove()).catch((error: unknown) => {
    if (!isTwilioError(error, { status: 404 })) throw error;
  });
}
