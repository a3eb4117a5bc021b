import type { Answer, Fields } from "./http.ts";
import { COURIER, CUSTOMER, type System } from "./system.ts";

export const INVITATION =
  "Hello Robert, your food delivery is almost there but Alicia (your rider) needs help finding your door. Are you willing to chat with them?";
export const CONNECTION =
  "Your customer has agreed to chat over WhatsApp to get this delivery sorted. You're now connected. Say hello!";

/** The two templates of the guide, approved: the SIDs of the invitation and of the connection. */
async function courierTemplates(system: System): Promise<{ invite: string; connect: string }> {
  const body = INVITATION.replace("Robert", "{{1}}").replace("Alicia", "{{2}}");
  const actions = [
    { title: "Yes, sure", id: "yes" },
    { title: "No, thanks", id: "no" },
  ];
  return {
    invite: await system.account.template({ "twilio/quick-reply": { body, actions } }, "approved"),
    connect: await system.account.template({ "twilio/text": { body: CONNECTION } }, "approved"),
  };
}

/** The delivery service's input for `whatsapp/opt-in`. */
export async function courierInput(system: System): Promise<Record<string, unknown>> {
  const { invite, connect } = await courierTemplates(system);
  return {
    invitee: CUSTOMER,
    inviter: COURIER,
    inviteContentSid: invite,
    inviteVariables: { "1": "Robert", "2": "Alicia" },
    connectContentSid: connect,
  };
}

/** Starts the introduction of the guide and waits until the invitation has arrived. */
export async function introduce(
  system: System,
  change: Record<string, unknown> = {},
): Promise<Answer<Fields> & { sid: string }> {
  const answer = await system.call("/whatsapp/opt-in", { ...(await courierInput(system)), ...change });
  await system.settle();
  return { ...answer, sid: String(answer.body.conversationSid) };
}
