import { type Info, postForm } from "./api.ts";

/** Explains autocreation for a text that was not routed. */
export const autocreationHint = (to: string): string =>
  `Autocreation is off for ${to}: with an address configuration of the type default, webhook or studio, Twilio creates a ` +
  "conversation of such a text, and for the latter two calls the webhook or starts the flow.";

/** Creates a conversation of a phone and a number of the account. */
export async function makeConversation(info: Info, address: string, proxyAddress: string): Promise<void> {
  const { sid } = await postForm<{ sid: string }>(info, "/v1/Conversations", {});
  const binding = { "MessagingBinding.Address": address, "MessagingBinding.ProxyAddress": proxyAddress };
  await postForm(info, `/v1/Conversations/${sid}/Participants`, binding);
}
