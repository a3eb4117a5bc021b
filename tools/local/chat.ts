import { basicAuth, call, type Demo, NAMES } from "./courier-demo.ts";

interface Participant {
  readonly sid: string;
  readonly attributes: string;
  readonly messaging_binding: { readonly address?: string } | null;
}

/**
 * Adds a chat user to a conversation, names its people in it, and returns the URL of the chat page with the caller's bearer token
 * in the fragment, which is not sent to any server.
 */
export async function openChat(
  { emulator, functionsUrl, bearerToken }: Demo,
  identity: string,
  conversationSid: string,
): Promise<string> {
  const url = `${emulator.url}/v1/Conversations/${conversationSid}/Participants`;
  await call(url, new URLSearchParams({ Identity: identity }), basicAuth(emulator));
  const { participants } = await call<{ participants: Participant[] }>(url, undefined, basicAuth(emulator));
  for (const { sid, attributes, messaging_binding: binding } of participants) {
    const [name] = NAMES.get(binding?.address ?? "")?.split(",") ?? [];
    if (name === undefined) continue;
    const named = JSON.stringify({ ...JSON.parse(attributes), name });
    await call(`${url}/${sid}`, new URLSearchParams({ Attributes: named }), basicAuth(emulator));
  }
  const fragment = new URLSearchParams({
    bearer: bearerToken,
    conversation: conversationSid,
    socket: `${emulator.url.replace("http", "ws")}/v3/wsconnect`,
  });
  return `${functionsUrl}/chat/index.html#${fragment}`;
}
