import * as v from "valibot";
import { longestJoiningMs } from "../domain/joinings.ts";
import { closed, flag, InputError, integer, optional, text } from "../input.ts";
import type { ControlHandler } from "./call.ts";
import { readBody } from "./input.ts";

const rulesInput = closed({
  a2p: optional(flag),
  sandbox: optional(flag),
  joining: optional(integer(0, longestJoiningMs)),
});
const campaignInput = closed({ messagingServiceSid: text, registered: v.nullish(flag, true) });

/** The optional rules, and whether each is enabled. */
export const listRules: ControlHandler = ({ runtime }) => ({ status: 200, body: runtime.root.rules });

/** Enables or disables rules; omitted ones are unchanged. */
export const changeRules: ControlHandler = (call) => {
  const { rules } = call.runtime.root;
  const { a2p, sandbox, joining } = readBody(call.body, rulesInput);
  Object.assign(rules, {
    a2p: a2p ?? rules.a2p,
    sandbox: sandbox ?? rules.sandbox,
    joining: joining ?? rules.joining,
  });
  return listRules(call);
};

/** Registers an A2P 10DLC campaign for a messaging service, and so its numbers, or deletes it. */
export const registerCampaign: ControlHandler = ({ runtime, body }) => {
  const { messagingServiceSid: sid, registered } = readBody(body, campaignInput);
  const service = runtime.resources.messagingServices.get(sid);
  if (service === undefined)
    throw new InputError("messagingServiceSid", `there is no messaging service ${sid}`);
  service.hasCampaign = registered;
  return { status: 200, body: { messagingServiceSid: sid, registered: service.hasCampaign } };
};
