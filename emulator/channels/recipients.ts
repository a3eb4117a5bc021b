import { isGroupBinding, isPair } from "../domain/bindings.ts";
import { type Channel, groupTextChannel } from "../domain/channels.ts";
import type { Conversation, Message, Participant } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";

/** A person who receives a message, and how. */
export interface Recipient {
  readonly participant: Participant;
  readonly channel: Channel;
  /** The number that the person sees as its sender; null when there is none to send it from. */
  readonly from: string | null;
  readonly to: string;
  /** The other numbers of a group text as the person sees them, without `from` and their own. */
  readonly recipients: readonly string[];
}

/**
 * The participants outside chat who receive a message: all except its author and participants with the author's
 * address.
 *
 * For a person with a proxy address the sender is that address. For a member of a group text it is the author's own
 * number: the address of a person, or the projected address of a chat identity or of no identity ("Group Texting in
 * Conversations"). An author on SMS who is not a member is shown as their proxy address; any other author as a
 * projected address without an identity, the guide's "gateway" (both assumed). A projected address itself receives
 * nothing, and the carriers have already delivered a member's text to the other members.
 */
export function recipientsOf(resources: Resources, message: Message): readonly Recipient[] {
  const { conversation } = message;
  const { participants, participantsByIdentity } = conversation;
  if (participants.size === participantsByIdentity.size) return [];
  const author = participants.get(message.participantSid ?? "");
  const sender = senderOf(resources, conversation, author);
  const isDelivered = isGroupBinding(author?.binding ?? null) && message.source === "SMS";
  const others = [...participants.values()].filter(
    (participant) => participant !== author && !hasAddressOf(participant, author),
  );
  return others.flatMap((participant): Recipient[] => {
    const { binding } = participant;
    if (isPair(binding)) {
      const { type: channel, address: to, proxyAddress } = binding;
      return [{ participant, channel, from: owned(resources, proxyAddress), to, recipients: [] }];
    }
    if (!isGroupBinding(binding) || binding.address === null || isDelivered) return [];
    const { address: to } = binding;
    const recipients = groupNumbers(conversation).filter((number) => number !== to && number !== sender);
    return [{ participant, channel: groupTextChannel, from: sender, to, recipients }];
  });
}

function hasAddressOf({ binding }: Participant, author: Participant | undefined): boolean {
  const address = author?.binding?.address ?? null;
  return address !== null && binding?.address === address;
}

/** The number that members of a group text see as the sender of a participant's messages. */
function senderOf(
  resources: Resources,
  conversation: Conversation,
  author: Participant | undefined,
): string | null {
  const binding = author?.binding ?? null;
  if (isGroupBinding(binding) && binding.address !== null) return binding.address;
  const number =
    binding?.type === groupTextChannel ? (binding.projectedAddress ?? binding.proxyAddress) : null;
  return owned(resources, number ?? gatewayOf(conversation));
}

function gatewayOf({ groupMembers }: Conversation): string | null {
  const gateways = [...groupMembers].filter(({ identity }) => identity === null);
  return gateways.find(({ binding }) => binding?.projectedAddress)?.binding?.projectedAddress ?? null;
}

/** A released number can no longer send. */
function owned({ numbers }: Resources, number: string | null): string | null {
  return number !== null && numbers.has(number) ? number : null;
}

function groupNumbers({ groupMembers }: Conversation): readonly string[] {
  return [...groupMembers].flatMap(({ binding }) => binding?.address ?? binding?.projectedAddress ?? []);
}
