import type { Stage } from "./story.ts";

/**
 * Adds a chat user to a conversation, and returns the address of the chat page for them, with the caller's bearer token
 * in the fragment, which no server sees.
 */
export async function openChat(
  { emulator, functionsUrl, bearerToken }: Stage,
  identity: string,
  conversationSid: string,
): Promise<string> {
  const credentials = Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString("base64");
  const response = await fetch(`${emulator.url}/v1/Conversations/${conversationSid}/Participants`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ Identity: identity }),
  });
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  const fragment = new URLSearchParams({
    bearer: bearerToken,
    conversation: conversationSid,
    socket: `${emulator.url.replace("http", "ws")}/v3/wsconnect`,
  });
  return `${functionsUrl}/chat/index.html#${fragment}`;
}
