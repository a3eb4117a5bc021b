import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";

/**
 * The author of a program's messages in a group text, where only members may write (error 50513; docs: Group Texting in
 * Conversations, "Using standalone Projected Addresses"): the first chat user or number of the account in it.
 *
 * @returns an author, or `undefined` for a conversation without projected addresses, where the author may be `system`.
 */
export function groupAuthor(participants: readonly ParticipantInstance[]): string | undefined {
  const own = participants.find(({ messagingBinding }) => messagingBinding?.projected_address);
  return own?.identity ?? own?.messagingBinding.projected_address;
}
