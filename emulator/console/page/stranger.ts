import { type Info, postForm } from "./api.ts";

/** What Twilio could do by itself with a text that no conversation takes. */
export const autocreationHint = (to: string): string =>
  `Autocreation is off for ${to}: with an address configuration of the type default, webhook or studio, Twilio makes a ` +
  "conversation of such a text, and for the latter two tells the webhook or starts the flow.";

/** Makes a conversation with a person on a phone, who writes to a number of the account. */
export async function makeConversation(info: Info, address: string, proxyAddress: string): Promise<void> {
  const { sid } = await postForm<{ sid: string }>(info, "/v1/Conversations", {});
  const binding = { "MessagingBinding.Address": address, "MessagingBinding.ProxyAddress": proxyAddress };
  await postForm(info, `/v1/Conversations/${sid}/Participants`, binding);
}
