import { basicAuth, call, type Stage } from "./story.ts";

/**
 * Adds a chat user to a conversation, and returns the address of the chat page for them, with the caller's bearer token
 * in the fragment, which no server sees.
 */
export async function openChat(
  { emulator, functionsUrl, bearerToken }: Stage,
  identity: string,
  conversationSid: string,
): Promise<string> {
  const participants = `${emulator.url}/v1/Conversations/${conversationSid}/Participants`;
  await call(participants, new URLSearchParams({ Identity: identity }), basicAuth(emulator));
  const fragment = new URLSearchParams({
    bearer: bearerToken,
    conversation: conversationSid,
    socket: `${emulator.url.replace("http", "ws")}/v3/wsconnect`,
  });
  return `${functionsUrl}/chat/index.html#${fragment}`;
}
