import { isoMillis } from "../../dates.ts";
import { objectEntries } from "../../domain/content.ts";
import { checkMembership, checkPermission, checkServicePermission, may } from "../../domain/grants.ts";
import type { Conversation, Participant } from "../../domain/model.ts";
import { updateParticipant } from "../../domain/participant-changes.ts";
import {
  addParticipant,
  emptyParticipant,
  findParticipant,
  removeParticipant,
} from "../../domain/participants.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { aim, conversationOf, param, type SdkCall, type SdkHandler, textOf } from "../call.ts";

/**
 * POST /Client/v2/Conversations/{Conversation}/Participants: a user joins or adds another participant. The
 * conversation's creator joins with the creator's role.
 */
export const create: SdkHandler = async (call) => {
  const { resources, service, user, origin } = call;
  const conversation = conversationOf(call);
  const identity = textOf(call, "identity");
  const binding = readBinding(call);
  const joins = identity === user.identity && binding === undefined;
  if (joins) checkServicePermission(service, user, "joinConversation");
  else
    checkPermission(user, conversation, binding === undefined ? "addParticipant" : "addNonChatParticipant");
  const isCreator = joins && conversation.createdBy === user.identity;
  const input = {
    ...emptyParticipant,
    identity,
    address: binding?.address,
    proxyAddress: binding?.proxyAddress,
    attributes: textOf(call, "attributes"),
    roleSid: isCreator ? service.defaultRoles.conversationCreator : undefined,
  };
  return { status: 201, body: present(await addParticipant(resources, conversation, input, origin)) };
};

/** GET /Client/v2/Conversations/{Conversation}/Participants/{Participant} */
export const fetch: SdkHandler = (call) => {
  const conversation = conversationOf(call);
  checkMembership(call.user, conversation);
  return { status: 200, body: present(participantOf(call, conversation)) };
};

/** POST /Client/v2/Conversations/{Conversation}/Participants/{Participant} */
export const update: SdkHandler = async (call) => {
  const { resources, service, user, origin } = call;
  const conversation = conversationOf(call);
  const participant = participantOf(call, conversation);
  const membership = user.memberships.get(conversation.sid);
  const isAllowed =
    participant === membership && may(service, user, membership, "editOwnParticipantAttributes");
  if (!isAllowed) checkPermission(user, conversation, "editAnyParticipantAttributes");
  const changes = {
    ...emptyParticipant,
    attributes: textOf(call, "attributes"),
    lastReadMessageIndex: undefined,
    lastReadTimestamp: undefined,
  };
  await updateParticipant(resources, participant, changes, origin);
  return { status: 200, body: present(participant) };
};

/**
 * DELETE /Client/v2/Conversations/{Conversation}/Participants/{Participant}: a user leaves or removes another
 * participant.
 */
export const remove: SdkHandler = async (call) => {
  const conversation = conversationOf(call);
  const participant = participantOf(call, conversation);
  const leaves = participant === call.user.memberships.get(conversation.sid);
  checkPermission(call.user, conversation, leaves ? "leaveConversation" : "removeParticipant");
  await removeParticipant(call.resources, participant, call.origin);
  return { status: 204 };
};

function participantOf(call: SdkCall, conversation: Conversation): Participant {
  const participant = findParticipant(conversation, param(call, "Participant"));
  if (participant === undefined) throw requestRules.notFound(call.path);
  return participant;
}

function readBinding({ body }: SdkCall) {
  const given = body.get("messaging_binding");
  if (given === undefined || given === null) return undefined;
  const fields = objectEntries(given);
  const [address, proxyAddress] = [fields?.get("address"), fields?.get("proxy_address")];
  if (typeof address !== "string" || typeof proxyAddress !== "string")
    throw requestRules.invalidParameter("messaging_binding");
  return { address, proxyAddress };
}

function present(participant: Participant): object {
  const { binding } = participant;
  return {
    sid: participant.sid,
    conversation_sid: participant.conversation.sid,
    identity: participant.identity,
    attributes: participant.attributes,
    role_sid: participant.roleSid,
    messaging_binding:
      binding === null
        ? null
        : { type: binding.type, address: binding.address, proxy_address: binding.proxyAddress },
    date_created: isoMillis(participant.dateCreated),
    date_updated: isoMillis(participant.dateUpdated),
    url: `${aim}/Conversations/${participant.conversation.sid}/Participants/${participant.sid}`,
  };
}
