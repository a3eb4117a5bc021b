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

/** Adds or changes a rule: webhooks to URLs that begin with `url` are signed with the shared key. */
export const setWebhookRule: ControlHandler = (call) => {
  const { url, key: id, secret } = readBody(call.body, ruleInput);
  call.runtime.root.webhookRules.set(url, { id, secret });
  return listWebhookRules(call);
};

/** Removes all rules, so that the auth token signs all webhooks. */
export const removeWebhookRules: ControlHandler = (call) => {
  call.runtime.root.webhookRules.clear();
  return listWebhookRules(call);
};
