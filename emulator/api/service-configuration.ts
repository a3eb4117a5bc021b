import { configureService } from "../domain/configuration.ts";
import type { Call, Handler } from "./call.ts";

/** GET /Services/{ChatServiceSid}/Configuration */
export const fetch: Handler = (call) => ({ status: 200, body: present(call) });

/** POST /Services/{ChatServiceSid}/Configuration */
export const update: Handler = (call) => {
  const { form } = call;
  configureService(call.service, {
    creatorRoleSid: form.get("DefaultConversationCreatorRoleSid"),
    conversationRoleSid: form.get("DefaultConversationRoleSid"),
    serviceRoleSid: form.get("DefaultChatServiceRoleSid"),
    reachabilityEnabled: form.get("ReachabilityEnabled"),
  });
  return { status: 200, body: present(call) };
};

function present({ base, service }: Call): unknown {
  const url = `${base}/Configuration`;
  return {
    chat_service_sid: service.sid,
    default_conversation_creator_role_sid: service.defaultRoles.conversationCreator,
    default_conversation_role_sid: service.defaultRoles.conversation,
    default_chat_service_role_sid: service.defaultRoles.service,
    reachability_enabled: service.reachabilityEnabled,
    url,
    links: { notifications: `${url}/Notifications`, webhooks: `${url}/Webhooks` },
  };
}
