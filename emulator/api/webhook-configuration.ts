import type { WebhookConfiguration } from "../domain/account-model.ts";
import { configureWebhooks } from "../domain/webhooks.ts";
import type { Call, Handler } from "./call.ts";

/** GET /Configuration/Webhooks, of the account or of the service that the path names. */
export const fetch: Handler = (call) => ({ status: 200, body: present(call) });

/** POST /Configuration/Webhooks. Repeated `Filters` replace the previous ones. */
export const update: Handler = (call) => {
  const { form } = call;
  configureWebhooks(configurationOf(call), {
    preWebhookUrl: form.get("PreWebhookUrl"),
    postWebhookUrl: form.get("PostWebhookUrl"),
    method: form.get("Method"),
    filters: form.has("Filters") ? form.all("Filters").filter((filter) => filter !== "") : undefined,
    target: call.scoped ? undefined : form.get("Target"),
  });
  return { status: 200, body: present(call) };
};

function configurationOf(call: Call): WebhookConfiguration {
  return call.scoped ? call.service.webhooks : call.resources.account.webhooks;
}

function present(call: Call): unknown {
  const { preWebhookUrl, postWebhookUrl, method, filters, target } = configurationOf(call);
  const url = `${call.base}/Configuration/Webhooks`;
  const shared = { pre_webhook_url: preWebhookUrl, post_webhook_url: postWebhookUrl };
  const account_sid = call.resources.account.sid;
  if (call.scoped)
    return { account_sid, chat_service_sid: call.service.sid, ...shared, filters, method, url };
  return { account_sid, ...shared, method, filters, target, url };
}
