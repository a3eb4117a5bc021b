import { isoSeconds } from "../dates.ts";
import type { MessagingBinding, Participant } from "../domain/model.ts";
import { participantRules } from "../domain/rules/participant.ts";
import { requestRules } from "../domain/rules/request.ts";
import { byKey, listResponse } from "../http/list.ts";
import type { Call, Handler } from "./call.ts";
import { presentTimers } from "./conversations.ts";

/**
 * GET /ParticipantConversations, by exactly one of `Identity` and `Address`, in the order of the conversations'
 * SIDs ("Participant Conversation Resource").
 */
export const list: Handler = (call) => {
  const { query, service } = call;
  const identity = query.get("Identity") || undefined;
  const address = query.get("Address") || undefined;
  if (identity !== undefined && address !== undefined) throw participantRules.lookupByBoth();
  if (identity === undefined && address === undefined)
    throw requestRules.invalidParameter("Identity or Address is required");
  const found =
    identity === undefined
      ? (service.participantsByAddress.get(address ?? "") ?? [])
      : [...(service.usersByIdentity.get(identity)?.memberships.values() ?? [])].filter(
          // "Participant Conversation Resource", warning: not by an identity that was set later.
          ({ identityCameLater }) => !identityCameLater,
        );
  return listResponse(`${call.base}/ParticipantConversations`, query, {
    key: "conversations",
    members: byKey(found, ({ conversation, sid }) => conversation.sid.slice(2) + sid.slice(2)),
    sidPrefix: "CH",
    defaultSize: 50,
    maxSize: 50,
    filters: identity === undefined ? [["Address", address ?? ""]] : [["Identity", identity]],
    present: (participant) => present(call, participant),
  });
};

function present(call: Call, participant: Participant): unknown {
  const { conversation, identity, binding } = participant;
  const url = `${call.base}/Conversations/${conversation.sid}`;
  return {
    account_sid: call.resources.account.sid,
    chat_service_sid: call.service.sid,
    conversation_sid: conversation.sid,
    participant_sid: participant.sid,
    conversation_friendly_name: conversation.friendlyName,
    conversation_state: conversation.state,
    conversation_timers: presentTimers(conversation),
    conversation_attributes: conversation.attributes,
    conversation_date_created: isoSeconds(conversation.dateCreated),
    conversation_date_updated: isoSeconds(conversation.dateUpdated),
    conversation_created_by: conversation.createdBy,
    conversation_unique_name: conversation.uniqueName,
    participant_user_sid: call.service.usersByIdentity.get(identity ?? "")?.sid ?? null,
    participant_identity: identity,
    participant_messaging_binding: binding === null ? null : presentBinding(binding),
    links: { participant: `${url}/Participants/${participant.sid}`, conversation: url },
  };
}

/** Contains all address fields, also undefined ones. */
function presentBinding({ type, address, proxyAddress, projectedAddress }: MessagingBinding): unknown {
  return {
    address,
    proxy_address: proxyAddress,
    type,
    level: null,
    name: null,
    projected_address: projectedAddress,
  };
}
