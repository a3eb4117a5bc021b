import { isoSeconds } from "../dates.ts";
import type { Receipt } from "../domain/model.ts";
import { listResponse, orderedArray } from "../http/list.ts";
import { type Call, type Handler, messageOf, notFound, param, scope } from "./call.ts";

/** GET /Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts/{Sid} */
export const fetch: Handler = (call) => {
  const receipt = messageOf(call, "MessageSid").receipts.find(({ sid }) => sid === param(call, "Sid"));
  if (receipt === undefined) throw notFound(call);
  return { status: 200, body: present(call, receipt) };
};

/** GET /Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts */
export const list: Handler = (call) => {
  const message = messageOf(call, "MessageSid");
  const url = `${call.base}/Conversations/${message.conversation.sid}/Messages/${message.sid}/Receipts`;
  return listResponse(url, call.query, {
    key: "delivery_receipts",
    members: orderedArray(message.receipts),
    sidPrefix: "DY",
    defaultSize: 50,
    maxSize: 50,
    present: (receipt) => present(call, receipt),
  });
};

function present(call: Call, receipt: Receipt): unknown {
  const { message, sid } = receipt;
  const { conversation } = message;
  return {
    sid,
    account_sid: call.resources.account.sid,
    ...scope(call),
    conversation_sid: conversation.sid,
    message_sid: message.sid,
    channel_message_sid: receipt.channelMessageSid,
    status: receipt.status,
    error_code: receipt.errorCode,
    participant_sid: receipt.participantSid,
    date_created: isoSeconds(receipt.dateCreated),
    date_updated: isoSeconds(receipt.dateUpdated),
    url: `${call.base}/Conversations/${conversation.sid}/Messages/${message.sid}/Receipts/${sid}`,
  };
}
