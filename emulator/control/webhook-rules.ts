import type { ControlHandler } from "./call.ts";
import { badField, Input } from "./input.ts";

/** The rules by which shared keys sign webhooks. */
export const listWebhookRules: ControlHandler = ({ runtime }) => {
  const webhookRules = [...runtime.root.webhookRules].map(([url, { id: key }]) => ({ url, key }));
  return { status: 200, body: { webhookRules } };
};

/** Has a shared key sign the webhooks to URLs that begin in a certain form, or changes that key. */
export const setWebhookRule: ControlHandler = (call) => {
  const input = new Input(call.body, ["url", "key", "secret"]);
  const [url, id, secret] = [input.text("url"), input.text("key"), input.text("secret")];
  if (!/^https?:\/\//.test(url)) throw badField("url", "must begin with http:// or https://");
  if (!/^[\w-]+$/.test(id)) throw badField("key", "must be letters, digits, _ and -");
  call.runtime.root.webhookRules.set(url, { id, secret });
  return listWebhookRules(call);
};

/** Has the auth token sign all webhooks again. */
export const removeWebhookRules: ControlHandler = (call) => {
  call.runtime.root.webhookRules.clear();
  return listWebhookRules(call);
};
