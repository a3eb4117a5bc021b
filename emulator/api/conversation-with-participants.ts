import { createWithParticipants } from "../domain/conversation-with-participants.ts";
import type { Handler } from "./call.ts";
import { input, present } from "./conversations.ts";

/** POST /ConversationWithParticipants. 202 while participants are still to join, 201 when there are none. */
export const create: Handler = async (call) => {
  const participants = call.form.all("Participant");
  const { resources, service, origin } = call;
  const conversation = await createWithParticipants(resources, service, input(call), participants, origin);
  return { status: participants.length === 0 ? 201 : 202, body: present(call, conversation, false) };
};
