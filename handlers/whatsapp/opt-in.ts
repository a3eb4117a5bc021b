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
import type { Outbox } from "../../core/state/send-once.ts";
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

/** A language of the responder's; a region behind it, as in `pt-BR`, is left out. */
const language = () =>
  v.pipe(
    text(16),
    v.transform((code) => code.toLowerCase().split("-")[0] ?? ""),
    v.picklist(LANGUAGE_CODES, `must be one of ${LANGUAGE_CODES.join(", ")}`),
  );

/**
 * Begins a two-sided WhatsApp introduction (docs: Using WhatsApp with Conversations, "Starting more
 * professionally"): makes the conversation, adds both people, sends the invitation to the invitee alone and waits
 * for their answer, which `whatsapp/opt-in-reply` handles.
 *
 * Called twice with one `uniqueName`: Twilio lets one create win; the other call finds the conversation and answers
 * with its state, without a second invitation. Only the call that made a conversation adds to it, and removes it
 * again when a later step fails. One that its maker left half-made is removed and made anew, unless somebody has written
 * in it.
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
      /** Who is asked for consent. `whatsapp:` may be left out, here and in the next three. */
      invitee: whatsappAddress(),
      /** On whose behalf, and who is connected after a yes. */
      inviter: whatsappAddress(),
      /** The WhatsApp sender that the invitee sees. `WHATSAPP_PROXY_ADDRESS` unless given. */
      proxyAddress: v.optional(whatsappAddress()),
      /** The WhatsApp sender that the inviter sees, where it is another one. */
      inviterProxyAddress: v.optional(whatsappAddress()),
      /** The invitation: an approved content template. Either this or `inviteBody`. */
      inviteContentSid: v.optional(sid("HX")),
      /** The template's variables. */
      inviteVariables: v.optional(contentVariables()),
      /** Instead of a template; reaches the invitee only inside an open 24-hour window. */
      inviteBody: optionalText(),
      /** What connects the inviter: an approved content template. Either this or `connectBody`. */
      connectContentSid: v.optional(sid("HX")),
      /** The template's variables. */
      connectVariables: v.optional(contentVariables()),
      /** Instead of a template; reaches the inviter only inside an open 24-hour window. */
      connectBody: optionalText(),
      /** Makes the call safe to repeat: the same name gives the same conversation and no second invitation. */
      uniqueName: v.optional(uniqueName()),
      /** The conversation's, shown in Twilio's console. */
      friendlyName: v.optional(text(256)),
      /** Of the words and texts of the responder. `OPT_IN_LANGUAGE` unless given. */
      language: v.optional(language()),
      /** What the invitee reads after a yes, instead of the language's text. */
      waitText: optionalText(),
      /** What they read after a no. */
      declinedText: optionalText(),
      /** What they read when their answer is unclear. */
      unclearText: optionalText(),
      /** More words for yes, such as the titles of the template's buttons; or a list. */
      yesWords: v.optional(wordList(), []),
      /** The same for no. */
      noWords: v.optional(wordList(), []),
      /** Ids of the template's buttons that mean yes, in whatever language their titles are: `yes` unless given. */
      yesIds: v.optional(wordList()),
      /** The same for no: `no` unless given. */
      noIds: v.optional(wordList()),
    }),
    exactlyOne(["inviteContentSid", "inviteBody"]),
    exactlyOne(["connectContentSid", "connectBody"]),
    needs("inviteVariables", "inviteContentSid"),
    needs("connectVariables", "connectContentSid"),
  ),
  async run(input, { conversations, state, fetchTemplate, env, call, log, publicBaseUrl }) {
    if (input.invitee === input.inviter) {
      throw new InvalidInput("invitee and inviter are the same number.", { field: "inviter" });
    }
    const proxyAddress = input.proxyAddress ?? env.WHATSAPP_PROXY_ADDRESS;
    if (proxyAddress === undefined) {
      throw new InvalidInput("proxyAddress is missing. Give it, or set WHATSAPP_PROXY_ADDRESS.", {
        field: "proxyAddress",
      });
    }
    if (publicBaseUrl === undefined) throw new Misconfigured("Environment: PUBLIC_BASE_URL is missing.");
    const invite = contentOf(input.inviteContentSid, input.inviteVariables, input.inviteBody);
    const connect = contentOf(input.connectContentSid, input.connectVariables, input.connectBody);
    await Promise.all([
      checkContent(fetchTemplate, "invite", invite, input.inviteVariables),
      checkContent(fetchTemplate, "connect", connect, input.connectVariables),
    ]);

    const order: Order = {
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
    checkSize(order.plan);
    return introduce(order, { conversations, state, call, log });
  },
});

type Side = "invite" | "connect";

/** What belongs to the call and not to the introduction. */
interface Scope {
  readonly conversations: Conversations;
  readonly state: State;
  readonly call: Call;
  readonly log: Log;
}

/** Everything that an introduction is made of, checked. */
interface Order {
  readonly uniqueName: string;
  readonly friendlyName: string | undefined;
  readonly proxyAddress: string;
  readonly inviterProxyAddress: string;
  readonly replyUrl: string;
  readonly invite: Content;
  readonly plan: Plan;
}

/** The input's schema has seen to it that one of the two is given. */
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
 * How far an introduction has come. `inviting`: another call is at it. `left_to_person`: two unclear replies, so that the
 * conversation waits for a person. `abandoned`: the call that made it was cut off, and nobody has written in it.
 */
type Status = "invited" | "inviting" | "accepted" | "declined" | "left_to_person" | "closed" | "abandoned";

/** What the caller learns. */
type Introduction = {
  readonly status: Exclude<Status, "abandoned">;
  readonly conversationSid: Sid<"CH">;
  readonly uniqueName: string;
  readonly inviteMessageSid?: Sid<"IM">;
  /** Whether an earlier call has made it. */
  readonly existing?: boolean;
};

async function introduce(order: Order, scope: Scope): Promise<Reply<Introduction>> {
  const { conversations, state, call, log } = scope;
  const { uniqueName, friendlyName, plan } = order;
  for (;;) {
    const conversation = await makeOrFind(conversations, uniqueName, {
      attributes: state.forConversation(introduction, { uniqueName }, { madeBy: call.requestId, ...plan }),
      ...omitUndefined({ friendlyName }),
    });
    if (conversation === undefined) continue;
    const conversationSid = sidOf("CH", conversation.sid);
    const optIn = state.ofConversation(introduction, conversation);
    const outbox: Outbox = { state, call, conversation: conversations(conversationSid), conversationSid };
    if (optIn?.madeBy === call.requestId) {
      const inviteMessageSid = await build(outbox, order, log);
      return new Reply(201, { status: "invited", conversationSid, uniqueName, inviteMessageSid });
    }
    const status = await statusOf(outbox, conversation, optIn, order, log);
    if (status !== "abandoned") {
      return new Reply(200, { status, conversationSid, uniqueName, existing: true });
    }
    log.warn("abandoned_conversation_removed", { conversationSid });
    await removeConversation(outbox.conversation);
  }
}

/**
 * What became of a conversation that an earlier call made.
 * @throws {Conflict} when it is somebody else's. Any chat user may make one, and may write into its attributes what they like.
 */
async function statusOf(
  outbox: Outbox,
  conversation: ConversationInstance,
  optIn: OptIn | undefined,
  order: Order,
  log: Log,
): Promise<Status> {
  if (optIn?.invitee !== order.plan.invitee || optIn.inviter !== order.plan.inviter) {
    const message = "uniqueName belongs to another conversation. Choose another one.";
    const conversationSid = sidOf("CH", conversation.sid);
    throw new Conflict("unique_name_taken", message, { field: "uniqueName", conversationSid });
  }
  const answered = optIn.answer && (optIn.answer.consent ? "accepted" : "declined");
  if (optIn.leftToPerson) return "left_to_person";
  if (conversation.state === "closed") return answered ?? "closed";
  const [[latest], invitation] = await Promise.all([
    outbox.conversation.messages.list({ order: "desc", limit: 1 }),
    findStep(outbox, "invite"),
  ]);
  const isQuiet = Date.now() - (latest ?? conversation).dateCreated.getTime() > ABANDONED_AFTER_MS;
  if (invitation === undefined) {
    if (answered !== undefined || !isQuiet) return answered ?? "inviting";
    if (latest === undefined) return "abandoned";
    throw leftHalfMade(conversation);
  }
  if (isQuiet) await listenAgain(outbox, order.replyUrl, optIn, invitation.index, log);
  return answered ?? "invited";
}

/** 409: the invitation was never sent, and what people have written since is theirs to keep. */
function leftHalfMade({ sid }: ConversationInstance): Conflict {
  const message =
    "The call that made this conversation was cut off before the invitation, and somebody has written in it since. " +
    "Close it and use another uniqueName, or delete it and try again.";
  return new Conflict("left_half_made", message, { field: "uniqueName", conversationSid: sidOf("CH", sid) });
}

/**
 * A responder that was cut off, or that could not reach Twilio, leaves an introduction in which the invitee has said
 * something and the two are not connected. Nobody is at it now, so the webhook is put in its place once more, with all that
 * the invitee has said since.
 */
async function listenAgain(
  { conversation, call, ...outbox }: Outbox,
  url: string,
  optIn: OptIn,
  inviteIndex: number,
  log: Log,
): Promise<void> {
  const since = optIn.asked?.index ?? inviteIndex;
  const [webhook, connection, latest] = await Promise.all([
    findWebhook(conversation, url),
    findStep({ conversation, call, ...outbox }, "connect"),
    messagesUpTo(conversation, "desc", ({ index }) => index <= since),
  ]);
  const isUnanswered = latest.some(({ author, index }) => author === optIn.invitee && index > since);
  if (connection || (webhook && !isUnanswered)) return;
  // Another call is at it, or a reply that has come in this moment.
  if (webhook && (await claimWebhook(conversation, sidOf("WH", webhook.sid))) === "lost") return;
  await listenForReply(conversation, { url, plan: optIn, replayAfter: since }, { call });
  log.warn("reply_webhook_restored", { conversationSid: outbox.conversationSid });
}

/** Fills a conversation that this call has made, or removes it. @returns the invitation's SID. */
function build(outbox: Outbox, order: Order, log: Log): Promise<Sid<"IM">> {
  const { conversation, conversationSid, call } = outbox;
  const { proxyAddress, inviterProxyAddress, replyUrl: url, plan } = order;
  const { invitee, inviter } = plan;
  const fields = { field: "inviter", proxyField: "inviterProxyAddress" };
  return fillOrRemove(conversation, conversationSid, { call, log }, async () => {
    await allOrFirstFailure([
      addPerson(conversation, invitee, proxyAddress, { field: "invitee", proxyField: "proxyAddress" }),
      addPerson(conversation, inviter, inviterProxyAddress, fields),
      listenForReply(conversation, { url, plan }, { call, isTakenBack: true }),
    ]);
    const options = { isNew: true, isTakenBack: true };
    const { message } = await sendStep(outbox, "invite", inviter, order.invite, options);
    return sidOf("IM", message.sid);
  });
}
