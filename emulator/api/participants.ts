import { isoSeconds } from "../dates.ts";
import type { MessagingBinding, Participant } from "../domain/model.ts";
import { updateParticipant } from "../domain/participant-changes.ts";
import { addParticipant, findParticipant, removeParticipant } from "../domain/participants.ts";
import { participantRules } from "../domain/rules/participant.ts";
import { listResponse } from "../http/list.ts";
import {
  type Call,
  conversationOf,
  datesOf,
  type Handler,
  notFound,
  param,
  readDate,
  scope,
} from "./call.ts";

/** POST /Conversations/{ConversationSid}/Participants */
export const create: Handler = async (call) => {
  const { form } = call;
  const input = {
    identity: form.get("Identity"),
    address: form.get("MessagingBinding.Address"),
    proxyAddress: form.get("MessagingBinding.ProxyAddress"),
    projectedAddress: form.get("MessagingBinding.ProjectedAddress"),
    attributes: form.get("Attributes"),
    roleSid: form.get("RoleSid"),
    ...datesOf(call),
  };
  const participant = await addParticipant(call.resources, conversationOf(call), input, call.origin);
  return { status: 201, body: present(call, participant) };
};

/** GET /Conversations/{ConversationSid}/Participants/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, participantOf(call)) });

/** POST /Conversations/{ConversationSid}/Participants/{Sid} */
export const update: Handler = async (call) => {
  const participant = participantOf(call);
  const { form } = call;
  const takesReadAway = form.get("LastReadTimestamp") === "null";
  const changes = {
    identity: form.get("Identity"),
    proxyAddress: form.get("MessagingBinding.ProxyAddress"),
    projectedAddress: form.get("MessagingBinding.ProjectedAddress"),
    attributes: form.get("Attributes"),
    roleSid: form.get("RoleSid"),
    lastReadMessageIndex: form.get("LastReadMessageIndex"),
    lastReadTimestamp: takesReadAway
      ? null
      : readDate(call, "LastReadTimestamp", participantRules.lastReadTimestampInvalid),
    ...datesOf(call),
  };
  await updateParticipant(call.resources, participant, changes, call.origin);
  return { status: 200, body: present(call, participant) };
};

/** DELETE /Conversations/{ConversationSid}/Participants/{Sid} */
export const remove: Handler = async (call) => {
  await removeParticipant(call.resources, participantOf(call), call.origin);
  return { status: 204 };
};

/** GET /Conversations/{ConversationSid}/Participants */
export const list: Handler = (call) => {
  const conversation = conversationOf(call);
  return listResponse(`${call.base}/Conversations/${conversation.sid}/Participants`, call.query, {
    key: "participants",
    members: conversation.participants,
    sidPrefix: "MB",
    defaultSize: 50,
    maxSize: 100,
    present: (participant) => present(call, participant),
  });
};

function participantOf(call: Call): Participant {
  const participant = findParticipant(conversationOf(call), param(call, "Sid"));
  if (participant === undefined) throw notFound(call);
  return participant;
}

function present(call: Call, participant: Participant): unknown {
  const { conversation, sid, lastReadTimestamp } = participant;
  return {
    account_sid: call.resources.account.sid,
    ...scope(call),
    conversation_sid: conversation.sid,
    sid,
    identity: participant.identity,
    attributes: participant.attributes,
    messaging_binding: participant.binding === null ? null : presentBinding(participant.binding),
    role_sid: participant.roleSid,
    date_created: isoSeconds(participant.dateCreated),
    date_updated: isoSeconds(participant.dateUpdated),
    url: `${call.base}/Conversations/${conversation.sid}/Participants/${sid}`,
    last_read_message_index: participant.lastReadMessageIndex,
    last_read_timestamp: lastReadTimestamp === null ? null : isoSeconds(lastReadTimestamp),
  };
}

/** Omits undefined addresses. */
function presentBinding({ type, address, proxyAddress, projectedAddress }: MessagingBinding): unknown {
  return {
    type,
    ...(address === null ? {} : { address }),
    ...(proxyAddress === null ? {} : { proxy_address: proxyAddress }),
    ...(projectedAddress === null ? {} : { projected_address: projectedAddress }),
  };
}
