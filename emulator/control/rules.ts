import { longestJoiningMs } from "../domain/joinings.ts";
import type { ControlHandler } from "./call.ts";
import { badField, Input } from "./input.ts";

/** What may be switched on, and whether it is. */
export const listRules: ControlHandler = ({ runtime }) => ({ status: 200, body: runtime.root.rules });

/** Switches rules on or off; what is not mentioned stays. */
export const changeRules: ControlHandler = (call) => {
  const { rules } = call.runtime.root;
  const input = new Input(call.body, ["a2p", "sandbox", "joining"]);
  const joining = input.has("joining") ? input.integer("joining", longestJoiningMs) : rules.joining;
  Object.assign(rules, {
    a2p: input.flag("a2p", rules.a2p),
    sandbox: input.flag("sandbox", rules.sandbox),
    joining,
  });
  return listRules(call);
};

/** Registers an A2P 10DLC campaign for a messaging service, and so its numbers, or takes it away. */
export const registerCampaign: ControlHandler = ({ runtime, body }) => {
  const input = new Input(body, ["messagingServiceSid", "registered"]);
  const sid = input.text("messagingServiceSid");
  const service = runtime.world.messagingServices.get(sid);
  if (service === undefined) throw badField("messagingServiceSid", `there is no messaging service ${sid}`);
  service.hasCampaign = input.flag("registered", true);
  return { status: 200, body: { messagingServiceSid: sid, registered: service.hasCampaign } };
};
