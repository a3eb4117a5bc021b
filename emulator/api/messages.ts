import { isoSeconds } from "../dates.ts";
import { addMessage, emptyMessage, removeMessage, updateMessage } from "../domain/messages.ts";
import type { Media, Message } from "../domain/model.ts";
import { summarizeDelivery } from "../domain/receipts.ts";
import { requestRules } from "../domain/rules/request.ts";
import { listResponse } from "../http/list.ts";
import { type Call, conversationOf, datesOf, type Handler, messageOf, scope } from "./call.ts";

/** POST /Conversations/{ConversationSid}/Messages */
export const create: Handler = async (call) => {
  const { form } = call;
  const input = {
    ...emptyMessage,
    ...changes(call),
    mediaSids: form.all("MediaSid").slice(0, 1),
    contentSid: form.get("ContentSid"),
    contentVariables: form.get("ContentVariables"),
  };
  const message = await addMessage(call.resources, conversationOf(call), input, call.origin);
  return { status: 201, body: present(call, message) };
};

/** GET /Conversations/{ConversationSid}/Messages/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, messageOf(call, "Sid")) });

/** POST /Conversations/{ConversationSid}/Messages/{Sid} */
export const update: Handler = async (call) => {
  const message = messageOf(call, "Sid");
  await updateMessage(call.resources, message, changes(call), call.origin);
  return { status: 200, body: present(call, message) };
};

/** DELETE /Conversations/{ConversationSid}/Messages/{Sid} */
export const remove: Handler = async (call) => {
  await removeMessage(call.resources, messageOf(call, "Sid"), call.origin);
  return { status: 204 };
};

/** GET /Conversations/{ConversationSid}/Messages, by index, ascending unless `Order` is `desc`. */
export const list: Handler = (call) => {
  const conversation = conversationOf(call);
  const order = call.query.get("Order")?.toLowerCase() || undefined;
  if (order !== undefined && order !== "asc" && order !== "desc")
    throw requestRules.invalidParameter("Order");
  return listResponse(`${call.base}/Conversations/${conversation.sid}/Messages`, call.query, {
    key: "messages",
    members: conversation.messages,
    sidPrefix: "IM",
    defaultSize: 50,
    maxSize: 100,
    descending: order === "desc",
    filters: order === undefined ? [] : [["Order", order]],
    present: (message) => present(call, message),
  });
};

function changes(call: Call) {
  const { form } = call;
  return {
    author: form.get("Author"),
    body: form.get("Body"),
    attributes: form.get("Attributes"),
    subject: form.get("Subject"),
    ...datesOf(call),
  };
}

function present(call: Call, message: Message): unknown {
  const { conversation, sid, media } = message;
  const url = `${call.base}/Conversations/${conversation.sid}/Messages/${sid}`;
  return {
    sid,
    account_sid: call.resources.account.sid,
    ...scope(call),
    conversation_sid: conversation.sid,
    body: message.body,
    media: media.length === 0 ? null : media.map(presentMedia),
    author: message.author,
    participant_sid: message.participantSid,
    attributes: message.attributes,
    date_created: isoSeconds(message.dateCreated),
    date_updated: isoSeconds(message.dateUpdated),
    index: message.seq,
    delivery: summarizeDelivery(message.receipts),
    content_sid: message.contentSid,
    url,
    links: { delivery_receipts: `${url}/Receipts`, channel_metadata: `${url}/ChannelMetadata` },
  };
}

function presentMedia({ sid, size, contentType, filename }: Media): unknown {
  return { sid, size, content_type: contentType, filename };
}
