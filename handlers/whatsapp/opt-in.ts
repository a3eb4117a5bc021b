import type {
  ConversationInstance,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import type { Call } from "../../core/call.ts";
import { Conflict, InvalidInput, Misconfigured } from "../../core/errors.ts";
import { exactlyOne, needs } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import {
  contentVariables,
  MESSAGE_LENGTH,
  sid,
  text,
  uniqueName,
  whatsappAddress,
  wordList,
} from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import type { SendContext } from "../../core/state/send-once.ts";
import { type State, state } from "../../core/state/state.ts";
import { checkTemplate, type FetchTemplate, templates } from "../../core/twilio/contents.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import {
  ABANDONED_AFTER_MS,
  addPerson,
  allOrFirstFailure,
  fillOrRemove,
  makeOrFind,
  removeConversation,
} from "../../core/twilio/make-conversation.ts";
import { messagesUpTo } from "../../core/twilio/messages.ts";
import { claimWebhook, findWebhook } from "../../core/twilio/own-webhook.ts";
import { LANGUAGE_CODES } from "./introduction/answers.ts";
import { findStep, sendStep } from "./introduction/messages.ts";
import { type Content, checkSize, introduction, type OptIn, type Plan } from "./introduction/record.ts";
import { listenForReply, replyUrl } from "./introduction/reply-webhook.ts";

const optionalText = () => v.optional(text(MESSAGE_LENGTH));

/** A language of the responder; a region, as in `pt-BR`, is ignored. */
const language = () =>
  v.pipe(
    text(16),
    v.description(`one of ${LANGUAGE_CODES.join(", ")}`),
    v.transform((code) => code.toLowerCase().split("-")[0] ?? ""),
    v.picklist(LANGUAGE_CODES, `must be one of ${LANGUAGE_CODES.join(", ")}`),
  );

/**
 * Starts a two-sided WhatsApp introduction (docs: Using WhatsApp with Conversations, "Starting more professionally"): creates
 * the conversation, adds both people, and sends the invitation to the invitee only. `whatsapp/opt-in-reply` handles the
 * answer.
 *
 * Called twice with one `uniqueName`: one create succeeds; the other call finds the conversation and answers with its status,
 * without a second invitation. Only the call that has created a conversation adds to it, and removes it when a later step
 * fails. An incomplete conversation whose call was cut off is removed and created again, unless it contains messages of a person.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  env: {
    WHATSAPP_PROXY_ADDRESS: v.optional(whatsappAddress()),
    OPT_IN_LANGUAGE: v.optional(language(), "en"),
  },
  use: { conversations, state, fetchTemplate: templates },
  input: v.pipe(
    v.strictObject({
      /** The person who is asked for consent. `whatsapp:` may be omitted, here and in the next three fields. */
      invitee: whatsappAddress(),
      /** The person on whose behalf the invitee is asked, and who is connected after a yes. */
      inviter: whatsappAddress(),
      /** The WhatsApp sender that the invitee sees. `WHATSAPP_PROXY_ADDRESS` if omitted. */
      proxyAddress: v.optional(whatsappAddress()),
      /** The WhatsApp sender that the inviter sees, if it is another one. */
      inviterProxyAddress: v.optional(whatsappAddress()),
      /** The invitation: an approved content template. Either this or `inviteBody`. */
      inviteContentSid: v.optional(sid("HX")),
      /** The template's variables. */
      inviteVariables: v.optional(contentVariables()),
      /** Free text instead of a template; delivered only in an open 24-hour window. */
      inviteBody: optionalText(),
      /** The message to the inviter after a yes: an approved content template. Either this or `connectBody`. */
      connectContentSid: v.optional(sid("HX")),
      /** The template's variables. */
      connectVariables: v.optional(contentVariables()),
      /** Free text instead of a template; delivered only in an open 24-hour window. */
      connectBody: optionalText(),
      /** Makes the call safe to repeat: the same name returns the same conversation and sends no second invitation. */
      uniqueName: v.optional(uniqueName()),
      /** The conversation's name, shown in Twilio's console. */
      friendlyName: v.optional(text(256)),
      /** The language of the responder's words and texts. `OPT_IN_LANGUAGE` if omitted. */
      language: v.optional(language()),
      /** The message to the invitee after a yes, instead of the language's text. */
      waitText: optionalText(),
      /** The message after a no. */
      declinedText: optionalText(),
      /** The message after an unclear answer. */
      unclearText: optionalText(),
      /** More words for yes, such as the titles of the template's buttons. */
      yesWords: v.optional(wordList(), []),
      /** More words for no. */
      noWords: v.optional(wordList(), []),
      /** Ids of the template's buttons that mean yes, independent of the language of their titles: `yes` if omitted. */
      yesIds: v.optional(wordList()),
      /** The same for no: `no` if omitted. */
      noIds: v.optional(wordList()),
    }),
    exactlyOne(["inviteContentSid", "inviteBody"]),
    exactlyOne(["connectContentSid", "connectBody"]),
    needs("inviteVariables", "inviteContentSid"),
    needs("connectVariables", "connectContentSid"),
  ),
  mayBeRepeated: ({ uniqueName }) => uniqueName !== undefined,
  async run(input, { conversations, state, fetchTemplate, env, call, log, publicBaseUrl }) {
    if (input.invitee === input.inviter) {
      throw new InvalidInput("invitee and inviter are the same number.", { field: "inviter" });
    }
    const proxyAddress = input.proxyAddress ?? env.WHATSAPP_PROXY_ADDRESS;
    if (proxyAddress === undefined) {
      throw new InvalidInput(
        "proxyAddress is missing. Add it to the request, or set WHATSAPP_PROXY_ADDRESS.",
        {
          field: "proxyAddress",
        },
      );
    }
    if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    const invite = contentOf(input.inviteContentSid, input.inviteVariables, input.inviteBody);
    const connect = contentOf(input.connectContentSid, input.connectVariables, input.connectBody);
    await Promise.all([
      checkContent(fetchTemplate, "invite", invite, input.inviteVariables),
      checkContent(fetchTemplate, "connect", connect, input.connectVariables),
    ]);

    const parameters: IntroductionParameters = {
      uniqueName: input.uniqueName ?? `opt-in-${call.requestId}`,
      friendlyName: input.friendlyName,
      proxyAddress,
      inviterProxyAddress: input.inviterProxyAddress ?? proxyAddress,
      replyUrl: replyUrl(publicBaseUrl),
      invite,
      plan: {
        invitee: input.invitee,
        inviter: input.inviter,
        language: input.language ?? env.OPT_IN_LANGUAGE,
        connect,
        texts: omitUndefined({
          wait: input.waitText,
          declined: input.declinedText,
          unclear: input.unclearText,
        }),
        words: { yes: input.yesWords, no: input.noWords },
        ...((input.yesIds !== undefined || input.noIds !== undefined) && {
          ids: { yes: input.yesIds ?? [], no: input.noIds ?? [] },
        }),
      },
    };
    checkSize(parameters.plan);
    return introduce(parameters, { conversations, state, call, log });
  },
});

type Side = "invite" | "connect";

/** What the call needs besides the introduction's parameters. */
interface CallContext {
  readonly conversations: Conversations;
  readonly state: State;
  readonly call: Call;
  readonly log: Log;
}

/** The parameters of an introduction, checked. */
interface IntroductionParameters {
  readonly uniqueName: string;
  readonly friendlyName: string | undefined;
  readonly proxyAddress: string;
  readonly inviterProxyAddress: string;
  readonly replyUrl: string;
  readonly invite: Content;
  readonly plan: Plan;
}

/** The schema ensures that one of the two is given. */
const contentOf = (
  contentSid: Sid<"HX"> | undefined,
  variables: Record<string, string> | undefined,
  body = "",
): Content =>
  contentSid === undefined
    ? { body }
    : omitUndefined({ contentSid, contentVariables: variables && JSON.stringify(variables) });

async function checkContent(
  fetchTemplate: FetchTemplate,
  side: Side,
  content: Content,
  variables: Record<string, string> = {},
): Promise<void> {
  if (!("contentSid" in content)) return;
  const fields = { field: `${side}ContentSid`, variablesField: `${side}Variables` };
  await checkTemplate(fetchTemplate, {
    contentSid: content.contentSid,
    variables,
    needsApproval: true,
    ...fields,
  });
}

/**
 * The status of an introduction. `inviting`: another call is sending the invitation. `left_to_person`: two unclear replies, so that the
 * conversation waits for a person. `abandoned`: the call that made it was cut off, and no person has written in it.
 */
type Status = "invited" | "inviting" | "accepted" | "declined" | "left_to_person" | "closed" | "abandoned";

/** The body of the answer. */
type Introduction = {
  readonly status: Exclude<Status, "abandoned">;
  readonly conversationSid: Sid<"CH">;
  readonly uniqueName: string;
  readonly inviteMessageSid?: Sid<"IM">;
  /** Whether an earlier call has created it. */
  readonly existing?: boolean;
};

async function introduce(
  parameters: IntroductionParameters,
  callContext: CallContext,
): Promise<Reply<Introduction>> {
  const { conversations, state, call, log } = callContext;
  const { uniqueName, friendlyName, plan } = parameters;
  for (;;) {
    const conversation = await makeOrFind(callContext, uniqueName, {
      attributes: state.forConversation(introduction, { uniqueName }, { madeBy: call.requestId, ...plan }),
      ...omitUndefined({ friendlyName }),
    });
    if (conversation === undefined) continue;
    const conversationSid = sidOf("CH", conversation.sid);
    const optIn = state.ofConversation(introduction, conversation);
    const sendContext: SendContext = {
      state,
      call,
      conversation: conversations(conversationSid),
      conversationSid,
    };
    if (optIn?.madeBy === call.requestId) {
      const inviteMessageSid = await build(sendContext, parameters, log);
      return new Reply(201, { status: "invited", conversationSid, uniqueName, inviteMessageSid });
    }
    const status = await statusOf(sendContext, conversation, optIn, parameters, log);
    if (status !== "abandoned") {
      return new Reply(200, { status, conversationSid, uniqueName, existing: true });
    }
    log.warn("abandoned_conversation_removed", { conversationSid });
    await removeConversation(sendContext.conversation);
  }
}

/**
 * The status of a conversation that an earlier call has created.
 * @throws {Conflict} when it is another one. Any chat user can create one, with any attributes.
 */
async function statusOf(
  sendContext: SendContext,
  conversation: ConversationInstance,
  optIn: OptIn | undefined,
  parameters: IntroductionParameters,
  log: Log,
): Promise<Status> {
  if (optIn?.invitee !== parameters.plan.invitee || optIn.inviter !== parameters.plan.inviter) {
    const message = "uniqueName belongs to another conversation. Choose another one.";
    const conversationSid = sidOf("CH", conversation.sid);
    throw new Conflict("unique_name_taken", message, { field: "uniqueName", conversationSid });
  }
  const answered = optIn.answer && (optIn.answer.consent ? "accepted" : "declined");
  if (optIn.leftToPerson) return "left_to_person";
  if (conversation.state === "closed") return answered ?? "closed";
  const [[latest], invitation] = await Promise.all([
    sendContext.conversation.messages.list({ order: "desc", limit: 1 }),
    findStep(sendContext, "invite"),
  ]);
  const isQuiet = Date.now() - (latest ?? conversation).dateCreated.getTime() > ABANDONED_AFTER_MS;
  if (invitation === undefined) {
    if (answered !== undefined || !isQuiet) return answered ?? "inviting";
    if (latest === undefined) return "abandoned";
    throw leftHalfMade(conversation);
  }
  if (isQuiet) await listenAgain(sendContext, parameters.replyUrl, optIn, invitation.index, log);
  return answered ?? "invited";
}

/** 409: the invitation was never sent, and the conversation cannot be removed because a person has written in it. */
function leftHalfMade({ sid }: ConversationInstance): Conflict {
  const message =
    "The call that created this conversation was cut off before the invitation, and a person has written in it since. " +
    "Close it and use another uniqueName, or delete it and try again.";
  return new Conflict("left_half_made", message, { field: "uniqueName", conversationSid: sidOf("CH", sid) });
}

/**
 * If a responder was cut off or could not reach Twilio, the invitee has replied but the two are not connected, and no
 * invocation handles that. So the webhook is created again, and Twilio delivers the invitee's messages since then again.
 */
async function listenAgain(
  { conversation, call, ...sendContext }: SendContext,
  url: string,
  optIn: OptIn,
  inviteIndex: number,
  log: Log,
): Promise<void> {
  const since = optIn.asked?.index ?? inviteIndex;
  const [webhook, connection, latest] = await Promise.all([
    findWebhook(conversation, url),
    findStep({ conversation, call, ...sendContext }, "connect"),
    messagesUpTo(conversation, "desc", ({ index }) => index <= since),
  ]);
  const isUnanswered = latest.some(({ author, index }) => author === optIn.invitee && index > since);
  if (connection || (webhook && !isUnanswered)) return;
  // Another invocation handles it.
  if (webhook && (await claimWebhook(conversation, sidOf("WH", webhook.sid))) === "lost") return;
  await listenForReply(conversation, { url, plan: optIn, replayAfter: since }, call);
  log.warn("reply_webhook_restored", { conversationSid: sendContext.conversationSid });
}

/** Fills a conversation that this call has created, or removes it. @returns the invitation's SID. */
function build(sendContext: SendContext, parameters: IntroductionParameters, log: Log): Promise<Sid<"IM">> {
  const { conversation, conversationSid, call } = sendContext;
  const { proxyAddress, inviterProxyAddress, replyUrl: url, plan } = parameters;
  const { invitee, inviter } = plan;
  const fields = { field: "inviter", proxyField: "inviterProxyAddress" };
  return fillOrRemove(conversation, conversationSid, { call, log }, async () => {
    await allOrFirstFailure([
      addPerson(sendContext, invitee, proxyAddress, { field: "invitee", proxyField: "proxyAddress" }),
      addPerson(sendContext, inviter, inviterProxyAddress, fields),
      listenForReply(conversation, { url, plan }, call),
    ]);
    const { message } = await sendStep(sendContext, "invite", inviter, parameters.invite, { isNew: true });
    return sidOf("IM", message.sid);
  });
}
