import * as v from "valibot";
import { closed, text } from "../input.ts";
import type { ControlHandler } from "./call.ts";
import { readBody } from "./input.ts";

const ruleInput = closed({
  url: v.pipe(text, v.regex(/^https?:\/\//, "must begin with http:// or https://")),
  key: v.pipe(text, v.regex(/^[\w-]+$/, "must be letters, digits, _ and -")),
  secret: text,
});

/** The rules by which shared keys sign webhooks. */
export const listWebhookRules: ControlHandler = ({ runtime }) => {
  const webhookRules = [...runtime.root.webhookRules].map(([url, { id: key }]) => ({ url, key }));
  return { status: 200, body: { webhookRules } };
};

/** Has a shared key sign the webhooks to URLs that begin in a certain form, or changes that key. */
export const setWebhookRule: ControlHandler = (call) => {
  const { url, key: id, secret } = readBody(call.body, ruleInput);
  call.runtime.root.webhookRules.set(url, { id, secret });
  return listWebhookRules(call);
};

/** Has the auth token sign all webhooks again. */
export const removeWebhookRules: ControlHandler = (call) => {
  call.runtime.root.webhookRules.clear();
  return listWebhookRules(call);
};
