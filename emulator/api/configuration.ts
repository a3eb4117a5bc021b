import { configureAccount } from "../domain/configuration.ts";
import type { Call, Handler } from "./call.ts";

/** GET /Configuration, of the account */
export const fetch: Handler = (call) => ({ status: 200, body: present(call) });

/** POST /Configuration */
export const update: Handler = (call) => {
  const { form } = call;
  configureAccount(call.resources, {
    defaultChatServiceSid: form.get("DefaultChatServiceSid"),
    defaultMessagingServiceSid: form.get("DefaultMessagingServiceSid"),
    defaultInactiveTimer: form.get("DefaultInactiveTimer"),
    defaultClosedTimer: form.get("DefaultClosedTimer"),
  });
  return { status: 200, body: present(call) };
};

function present({ base, resources }: Call): unknown {
  const { account, defaultService } = resources;
  return {
    account_sid: account.sid,
    default_chat_service_sid: defaultService.sid,
    default_messaging_service_sid: account.defaultMessagingServiceSid,
    default_inactive_timer: account.defaultInactiveTimer,
    default_closed_timer: account.defaultClosedTimer,
    url: `${base}/Configuration`,
    links: {
      service: `${base}/Services/${defaultService.sid}/Configuration`,
      webhooks: `${base}/Configuration/Webhooks`,
    },
  };
}
