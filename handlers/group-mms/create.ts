import type {
  ConversationContext,
  ConversationInstance,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import type { Call } from "../../core/call.ts";
import { Conflict, InvalidInput } from "../../core/errors.ts";
import { excludes, needs, TEMPLATE_OR_TEXT } from "../../core/field-rules.ts";
import { type FirstMessage, group, sendFirstMessage } from "../../core/group-mms/first-message.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import {
  attributes,
  contentVariables,
  identity,
  MESSAGE_LENGTH,
  sid,
  text,
  uniqueName,
} from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { type State, state } from "../../core/state/state.ts";
import { inTurn } from "../../core/state/turn.ts";
import { scaled } from "../../core/time-scale.ts";
import { closedTimer, inactiveTimer } from "../../core/timers.ts";
import { checkContent, type TemplateFields, templates } from "../../core/twilio/contents.ts";
import { conversationOf, conversations } from "../../core/twilio/conversations.ts";
import { isTwilioError, isUncertain, noneIf404 } from "../../core/twilio/errors.ts";
import { removeConversation } from "../../core/twilio/make-conversation.ts";
import { createUnique } from "../../core/twilio/once.ts";
import { conversationWithParticipants } from "./group/conversation-with-participants.ts";
import { existingGroup, explainGroupError } from "./group/errors.ts";
import {
  agents,
  checkMembers,
  groupNumber,
  groupNumbers,
  IDENTITY_NEEDS_NUMBER,
  type Member,
  memberJson,
  numberOf,
} from "./group/members.ts";

/** Twilio was observed to take 700 ms until all members have joined. */
const LONGEST_WAIT_MS = 4_000;
const FIRST_PAUSE_MS = 80;

/**
 * Starts a group text among people and numbers of the account (docs: Group Texting in Conversations; Conversation with
 * Participants resource). Everything that can be checked is checked before anything is created; all members join in one
 * request, or none does. The call waits for that for a few seconds, and then answers `initializing`.
 *
 * Safe to call again: Twilio allows one open conversation for a set of numbers, so the same group is answered as `existing`.
 * Of two concurrent calls one group cannot join; its empty conversation is removed, and the other one is the answer. A first
 * message waits in the conversation's attributes, and is sent once, under the conversation's lock: by this call if the group
 * is ready in time, or by `webhooks/post-event`.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, groups: conversationWithParticipants, state, fetchTemplate: templates },
  refuseEmpty: ["identity"],
  input: v.pipe(
    v.strictObject({
      /** The people's numbers: a list, or one text separated by commas. */
      addresses: groupNumbers(),
      /** A number of the account that is a member of the group, for `identity` or as a gateway. */
      projectedAddress: v.optional(groupNumber()),
      /** The chat user of `projectedAddress`. May be omitted, but not empty: without it the number is a gateway. */
      identity: v.optional(identity()),
      /** More chat users with projected addresses. */
      agents: v.optional(agents(), []),
      /** Makes the call safe to repeat even after the group has closed. */
      uniqueName: v.optional(uniqueName()),
      /** The conversation's name, shown in Twilio's console. */
      friendlyName: v.optional(text(256)),
      /** The conversation's attributes. */
      attributes: v.optional(attributes(), {}),
      /** As for `conversations/set-timers`. */
      inactive: v.optional(inactiveTimer()),
      /** As for `conversations/set-timers`. */
      closed: v.optional(closedTimer()),
      /** The first message. */
      body: v.optional(text(MESSAGE_LENGTH)),
      /** A file of the first message, uploaded before. */
      mediaSid: v.optional(sid("ME")),
      /** A content template instead of text and file. */
      contentSid: v.optional(sid("HX")),
      /** The template's variables. */
      contentVariables: v.optional(contentVariables()),
      /** The first message's author: the first identity or number of the account if omitted. */
      author: v.optional(text(256)),
    }),
    needs("identity", "projectedAddress", IDENTITY_NEEDS_NUMBER),
    needs("contentVariables", "contentSid"),
    excludes(["contentSid", "body", "mediaSid"], TEMPLATE_OR_TEXT),
  ),
  mayBeRepeated: () => true,
  async run(input, { conversations, groups, state, fetchTemplate, call, log }) {
    const members = membersOf(input);
    const message = messageOf(input, members);
    await checkContent(fetchTemplate, input, { needsApproval: false });
    const made = omitUndefined({ madeBy: call.requestId, firstMessage: message });
    const context: GroupContext = {
      conversations,
      state,
      call,
      log,
      members,
      uniqueName: input.uniqueName,
      create: (uniqueName) =>
        groups.create({
          // So that webhooks/post-event is called when the group is ready.
          xTwilioWebhookEnabled: "true",
          uniqueName,
          state: "active",
          participant: members.map(memberJson),
          attributes: state.forConversation(group, { uniqueName }, made, input.attributes),
          ...omitUndefined({
            friendlyName: input.friendlyName,
            "timers.inactive": input.inactive,
            "timers.closed": input.closed,
          }),
        }),
    };
    try {
      return await start(context);
    } catch (error) {
      throw explainGroupError(error, { field: "addresses", proxyField: "projectedAddress" });
    }
  },
});

type Answer = {
  readonly status: "created" | "existing" | "initializing" | "closed";
  readonly conversationSid: Sid<"CH">;
  readonly uniqueName: string | null;
  readonly firstMessage: "sent" | "waiting" | "refused" | "none";
};

/** What a call needs to start a group text. */
interface GroupContext {
  readonly conversations: Conversations;
  readonly state: State;
  readonly call: Call;
  readonly log: Log;
  readonly members: readonly Member[];
  /** The caller's unique name, if given. */
  readonly uniqueName: string | undefined;
  create(uniqueName: string): Promise<{ readonly sid: string }>;
}

function membersOf({
  addresses,
  agents,
  projectedAddress,
  identity,
}: {
  readonly addresses: readonly string[];
  readonly agents: readonly { projectedAddress: string; identity?: string | undefined }[];
  readonly projectedAddress?: string | undefined;
  readonly identity?: string | undefined;
}): readonly Member[] {
  const first = projectedAddress === undefined ? [] : [{ projectedAddress, identity }];
  const own = [...first, ...agents];
  if (own.length === 0) {
    const message = "A group text needs a number of yours: give projectedAddress or agents.";
    throw new InvalidInput(message, { field: "projectedAddress" });
  }
  if (addresses.length === 0) throw new InvalidInput("addresses is empty.", { field: "addresses" });
  const members: Member[] = [...own, ...addresses.map((address) => ({ address }))];
  checkMembers(members);
  return members;
}

/** The first message with its author, if there is one. */
function messageOf(
  {
    body,
    mediaSid,
    contentSid,
    contentVariables,
    author,
  }: TemplateFields & {
    readonly body?: string | undefined;
    readonly mediaSid?: Sid<"ME"> | undefined;
    readonly author?: string | undefined;
  },
  members: readonly Member[],
): FirstMessage | undefined {
  const own = members.filter(({ projectedAddress }) => projectedAddress !== undefined);
  const names = own.map((member) => member.identity ?? numberOf(member));
  if (author !== undefined && !names.includes(author)) {
    throw new InvalidInput(`author must be one of your own members: ${names.join(", ")}.`, {
      field: "author",
    });
  }
  const from = { author: author ?? names[0] ?? "" };
  if (contentSid !== undefined) {
    const variables = contentVariables && JSON.stringify(contentVariables);
    return omitUndefined({ ...from, contentSid, contentVariables: variables });
  }
  if (body !== undefined) return omitUndefined({ ...from, body, mediaSid });
  return mediaSid === undefined ? undefined : { ...from, mediaSid };
}

/** Creates the group; a second time when its members could not join because another call was faster. */
async function start(context: GroupContext): Promise<Reply<Answer>> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    const conversation = await makeOrFind(context, attempt);
    if (conversation instanceof Reply) return conversation;
    const conversationContext = context.conversations(conversation.sid);
    const found = await waitUntilReady(conversationContext, context.call);
    if (found?.state !== "closed") return answer(context, "created", sidOf("CH", conversation.sid), found);
    // One with members is an earlier group with the caller's name, whose create seemed to fail.
    if (!(await isEmpty(conversationContext))) return reply(200, "closed", found, "none");
    await removeConversation(conversationContext);
  }
  throw new Conflict(
    "joining_failed",
    "Not all members could join the group. Check the numbers and try again.",
    {
      field: "addresses",
    },
  );
}

async function isEmpty({ participants, messages }: ConversationContext): Promise<boolean> {
  const lists = await Promise.all([participants.list({ limit: 1 }), messages.list({ limit: 1 })]);
  return lists.every((list) => list.length === 0);
}

/** Creates the conversation, or answers with the existing one of these numbers or this name. */
async function makeOrFind(
  context: GroupContext,
  attempt: number,
): Promise<{ readonly sid: string } | Reply<Answer>> {
  const { conversations, call, uniqueName } = context;
  const name = uniqueName ?? `group-${call.requestId}-${attempt}`;
  const byName = () => conversationOf(conversations, name).fetch().catch(noneIf404);
  try {
    return await createUnique<{ readonly sid: string }>({
      create: () => context.create(name),
      find: byName,
      call,
    });
  } catch (error) {
    const sid = existingGroup(error);
    const existing = sid === undefined ? undefined : await conversations(sid).fetch().catch(noneIf404);
    if (existing) return reply(200, "existing", existing, "none");
    const named = isTwilioError(error, { code: 50353 }) ? await byName() : undefined;
    if (named === undefined) throw error;
    return answerNamed(context, named);
  }
}

/** Answers when the caller's unique name exists: as this group of an earlier call, or as another conversation. */
async function answerNamed(context: GroupContext, named: ConversationInstance): Promise<Reply<Answer>> {
  if (context.state.ofConversation(group, named) === undefined) throw nameTaken(sidOf("CH", named.sid));
  const conversationContext = context.conversations(named.sid);
  const found = (await waitUntilReady(conversationContext, context.call)) ?? named;
  const conversationSid = sidOf("CH", found.sid);
  if (found.state === "closed") return reply(200, "closed", found, "none");
  if (found.state !== "initializing" && !(await hasMembers(conversationContext, context.members)))
    throw nameTaken(conversationSid);
  return answer(context, "existing", conversationSid, found);
}

function nameTaken(conversationSid: Sid<"CH">): Conflict {
  const message = "uniqueName belongs to another conversation. Choose another one.";
  return new Conflict("unique_name_taken", message, { field: "uniqueName", conversationSid });
}

async function hasMembers(
  conversationContext: ConversationContext,
  members: readonly Member[],
): Promise<boolean> {
  const participants = await conversationContext.participants.list();
  const numbers = participants.map(
    ({ messagingBinding }) => messagingBinding?.address ?? messagingBinding?.projected_address,
  );
  return members.every((member) => numbers.includes(numberOf(member)));
}

/** The conversation once all members have joined or joining has failed, or its state when the time is over. */
async function waitUntilReady(
  conversationContext: ConversationContext,
  call: Call,
): Promise<ConversationInstance | undefined> {
  const until = Math.min(Date.now() + scaled(LONGEST_WAIT_MS), call.deadline);
  for (let pause = scaled(FIRST_PAUSE_MS); ; pause *= 1.7) {
    // A read that fails is not fatal: the group exists.
    const found = await conversationContext.fetch().catch((error: unknown) => {
      if (!isUncertain(error)) throw error;
      return undefined;
    });
    if ((found && found.state !== "initializing") || Date.now() + pause > until) return found;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Sends the waiting message once the group is ready, and answers. */
async function answer(
  context: GroupContext,
  status: "created" | "existing",
  conversationSid: Sid<"CH">,
  found: ConversationInstance | undefined,
): Promise<Reply<Answer>> {
  if (found === undefined || found.state === "initializing") {
    const waiting = { sid: conversationSid, uniqueName: found?.uniqueName ?? null };
    return reply(202, "initializing", waiting, found && !firstMessageOf(context, found) ? "none" : "waiting");
  }
  const message = firstMessageOf(context, found);
  const sent = message === undefined ? "none" : await sendInTurn(context, conversationSid, message);
  return reply(status === "created" ? 201 : 200, status, found, sent);
}

const firstMessageOf = ({ state }: GroupContext, found: ConversationInstance): FirstMessage | undefined =>
  state.ofConversation(group, found)?.firstMessage;

/** @returns `waiting` when the lock was not released in time: its holder sends the message. `refused` when Twilio rejects it. */
function sendInTurn(
  context: GroupContext,
  conversationSid: Sid<"CH">,
  message: FirstMessage,
): Promise<"sent" | "waiting" | "refused"> {
  const { conversations, state, call, log } = context;
  const sendContext = { state, call, conversation: conversations(conversationSid), conversationSid };
  const send = () => sendFirstMessage(sendContext, message).then(() => "sent" as const);
  return inTurn(context, conversationSid, send).catch((error: unknown) => {
    if (isTwilioError(error) && error.status !== 429 && error.status < 500) {
      log.error("first_message_refused", { conversationSid, error });
      return "refused" as const;
    }
    log.warn("first_message_waits", { conversationSid, error });
    return "waiting" as const;
  });
}

function reply(
  httpStatus: number,
  status: Answer["status"],
  { sid, uniqueName }: { readonly sid: string; readonly uniqueName: string | null },
  firstMessage: Answer["firstMessage"],
): Reply<Answer> {
  return new Reply(httpStatus, {
    status,
    conversationSid: sidOf("CH", sid),
    uniqueName: uniqueName ?? null,
    firstMessage,
  });
}
