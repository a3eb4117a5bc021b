import { isoMillis } from "../../dates.ts";
import { channelMetadata } from "../../domain/channel-metadata.ts";
import { checkMembership, checkPermission, may } from "../../domain/grants.ts";
import { addMessage, emptyMessage, removeMessage, updateMessage } from "../../domain/messages.ts";
import type { Message, Receipt } from "../../domain/model.ts";
import { messageRules } from "../../domain/rules/message.ts";
import { permissionRules } from "../../domain/rules/permission.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { aim, conversationOf, param, type SdkCall, type SdkHandler, textOf } from "../call.ts";

/** POST /Client/v2/Conversations/{Conversation}/Messages */
export const create: SdkHandler = async (call) => {
  const { resources, user, origin } = call;
  const conversation = conversationOf(call);
  const mediaSids = readMediaSids(call);
  checkPermission(user, conversation, mediaSids.length === 0 ? "sendMessage" : "sendMediaMessage");
  const input = {
    ...emptyMessage,
    author: user.identity,
    body: textOf(call, "body"),
    attributes: textOf(call, "attributes"),
    subject: textOf(call, "subject"),
    mediaSids,
    contentSid: textOf(call, "content_sid"),
    contentVariables: textOf(call, "content_variables"),
  };
  const message = await addMessage(resources, conversation, input, origin);
  return { status: 201, body: present(message) };
};

/** GET /Client/v2/Conversations/{Conversation}/Messages/{Message} */
export const fetch: SdkHandler = (call) => ({ status: 200, body: present(messageOf(call)) });

/** POST /Client/v2/Conversations/{Conversation}/Messages/{Message} */
export const update: SdkHandler = async (call) => {
  const { resources, user, origin } = call;
  const message = messageOf(call);
  const own = isOwn(call, message);
  const [body, attributes] = [textOf(call, "body"), textOf(call, "attributes")];
  if (body !== undefined) checkEither(call, message, own && "editOwnMessage", "editAnyMessage");
  if (attributes !== undefined)
    checkEither(call, message, own && "editOwnMessageAttributes", "editAnyMessageAttributes");
  checkMembership(user, message.conversation);
  const changes = { ...emptyMessage, body, attributes };
  await updateMessage(resources, message, changes, origin);
  return { status: 200, body: present(message) };
};

/** DELETE /Client/v2/Conversations/{Conversation}/Messages/{Message} */
export const remove: SdkHandler = async (call) => {
  const message = messageOf(call);
  checkEither(call, message, isOwn(call, message) && "deleteOwnMessage", "deleteAnyMessage");
  await removeMessage(call.resources, message, call.origin);
  return { status: 204 };
};

/** GET /Client/v2/Conversations/{Conversation}/Messages/{Message}/Receipts */
export const listReceipts: SdkHandler = (call) => {
  const { receipts } = messageOf(call);
  return {
    status: 200,
    body: {
      delivery_receipts: receipts.map(presentReceipt),
      meta: { previous_token: null, next_token: null },
    },
  };
};

/** GET /Client/v2/Conversations/{Conversation}/Messages/{Message}/ChannelMetadata: of replies that were tapped. */
export const fetchMetadata: SdkHandler = (call) => {
  const message = messageOf(call);
  const membership = checkMembership(call.user, message.conversation);
  if (!may(call.service, call.user, membership, "readChannelMetadata"))
    throw permissionRules.channelMetadata();
  const metadata = channelMetadata(message);
  if (metadata === undefined) throw messageRules.channelMetadataNotFound();
  return { status: 200, body: metadata };
};

/** GET /Client/v2/Conversations/{Conversation}/MessageRecipients: recipients of emails, always none. */
export const listRecipients: SdkHandler = (call) => {
  checkMembership(call.user, conversationOf(call));
  return {
    status: 200,
    body: { message_recipients: [], meta: { previous_token: null, next_token: null } },
  };
};

function messageOf(call: SdkCall): Message {
  const conversation = conversationOf(call);
  checkMembership(call.user, conversation);
  const message = conversation.messages.get(param(call, "Message"));
  if (message === undefined) throw requestRules.notFound(call.path);
  return message;
}

function isOwn({ user }: SdkCall, { author }: Message): boolean {
  return author === user.identity;
}

type Permissions = Parameters<typeof checkPermission>[2];

/** Throws unless the user has the permission `any`, or `own`, which is false for messages of others. */
function checkEither(
  call: SdkCall,
  { conversation }: Message,
  own: Permissions | false,
  any: Permissions,
): void {
  const membership = call.user.memberships.get(conversation.sid);
  if (own !== false && may(call.service, call.user, membership, own)) return;
  checkPermission(call.user, conversation, any);
}

function readMediaSids({ body }: SdkCall): readonly string[] {
  const sids = body.get("media_sids") ?? [];
  if (!Array.isArray(sids) || !sids.every((sid) => typeof sid === "string"))
    throw requestRules.invalidParameter("media_sids");
  return sids;
}

function present(message: Message): object {
  return {
    sid: message.sid,
    conversation_sid: message.conversation.sid,
    index: message.seq,
    author: message.author,
    body: message.body,
    attributes: message.attributes,
    date_created: isoMillis(message.dateCreated),
    date_updated: isoMillis(message.dateUpdated),
    url: `${aim}/Conversations/${message.conversation.sid}/Messages/${message.sid}`,
  };
}

function presentReceipt({ sid, message, channelMessageSid, participantSid, ...receipt }: Receipt): object {
  return {
    sid,
    message_sid: message.sid,
    conversation_sid: message.conversation.sid,
    channel_message_sid: channelMessageSid,
    participant_sid: participantSid,
    status: receipt.status,
    error_code: receipt.errorCode,
    date_created: isoMillis(receipt.dateCreated),
    date_updated: isoMillis(receipt.dateUpdated),
  };
}
