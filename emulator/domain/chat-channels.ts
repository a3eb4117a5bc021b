import type { ChatChannel, Service } from "./account-model.ts";
import { draftConversation, emptyConversation } from "./conversation-drafts.ts";
import { createConversation } from "./conversations.ts";
import { checkIdentity } from "./identity.ts";
import { addMessage, checkBody, emptyMessage } from "./messages.ts";
import type { Conversation } from "./model.ts";
import { addParticipant, emptyParticipant } from "./participants.ts";
import type { Resources } from "./resources.ts";

const silently = { source: "API", webhooks: false } as const;

/** Creates a public channel, as applications of the Chat API created them, by the rules of the conversation that it can become. */
export function createChannel(
  resources: Resources,
  service: Service,
  given: Omit<ChatChannel, "sid" | "serviceSid">,
): ChatChannel {
  draftConversation(resources, service, inputOf(given));
  for (const identity of given.members) checkIdentity(identity);
  for (const { body } of given.messages) checkBody(body);
  const members = [...new Set(given.members)];
  const channel = { ...given, sid: resources.ids.sid("CH"), serviceSid: service.sid, members };
  resources.chatChannels.set(channel.sid, channel);
  return channel;
}

function inputOf({ friendlyName, uniqueName, attributes }: Omit<ChatChannel, "sid" | "serviceSid">) {
  return { ...emptyConversation, friendlyName, uniqueName, attributes };
}

/**
 * Converts a public channel to a conversation with its SID, members and messages ("Chat Channel Migration Resource").
 * Resolves to undefined when the service has no such channel.
 */
export async function migrateChannel(
  resources: Resources,
  service: Service,
  sid: string,
): Promise<Conversation | undefined> {
  const channel = resources.chatChannels.get(sid);
  if (channel === undefined || channel.serviceSid !== service.sid) return undefined;
  const input = inputOf(channel);
  // A unique name may have been taken meanwhile; then the channel stays as it is.
  draftConversation(resources, service, input);
  resources.chatChannels.delete(sid);
  resources.ids.reserve(sid);
  const conversation = await createConversation(resources, service, input, silently);
  for (const identity of channel.members)
    await addParticipant(resources, conversation, { ...emptyParticipant, identity }, silently);
  for (const message of channel.messages)
    await addMessage(resources, conversation, { ...emptyMessage, ...message }, silently);
  return conversation;
}
