import { isoSeconds } from "../dates.ts";
import type { Service } from "../domain/account-model.ts";
import { createService, removeService } from "../domain/services.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Services */
export const create: Handler = (call) => {
  const service = createService(call.resources, call.form.get("FriendlyName"));
  return { status: 201, body: present(call, service) };
};

/** GET /Services/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, serviceOf(call)) });

/** DELETE /Services/{Sid} */
export const remove: Handler = (call) => {
  removeService(call.resources, serviceOf(call));
  return { status: 204 };
};

/** GET /Services */
export const list: Handler = (call) =>
  listResponse(`${call.base}/Services`, call.query, {
    key: "services",
    members: call.resources.services,
    sidPrefix: "IS",
    defaultSize: 50,
    maxSize: 100,
    present: (service) => present(call, service),
  });

function serviceOf(call: Call): Service {
  const service = call.resources.services.get(param(call, "Sid"));
  if (service === undefined) throw notFound(call);
  return service;
}

function present(call: Call, service: Service): unknown {
  const url = `${call.base}/Services/${service.sid}`;
  return {
    sid: service.sid,
    account_sid: call.resources.account.sid,
    friendly_name: service.friendlyName,
    date_created: isoSeconds(service.dateCreated),
    date_updated: isoSeconds(service.dateUpdated),
    url,
    links: {
      conversations: `${url}/Conversations`,
      users: `${url}/Users`,
      roles: `${url}/Roles`,
      bindings: `${url}/Bindings`,
      configuration: `${url}/Configuration`,
      participant_conversations: `${url}/ParticipantConversations`,
      conversation_with_participants: `${url}/ConversationWithParticipants`,
    },
  };
}
