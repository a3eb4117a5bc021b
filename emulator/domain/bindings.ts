import { channelOf, unemulatedPrefix } from "./address.ts";
import { NotEmulatedError } from "./errors.ts";
import type { Channel, MessagingBinding } from "./model.ts";
import type { ParticipantInput } from "./participants.ts";
import { participantRules } from "./rules/participant.ts";
import type { World } from "./world.ts";

/**
 * The messaging binding that a caller asks for, or null for a chat participant. A person's address and a proxy
 * address of the account, on the same channel, different from each other.
 */
export function checkBinding(world: World, input: ParticipantInput): MessagingBinding | null {
  const { identity, address, proxyAddress, projectedAddress } = input;
  const bound = address !== undefined || proxyAddress !== undefined;
  if (identity !== undefined && bound) throw participantRules.identityWithBinding();
  if (projectedAddress !== undefined)
    throw new NotEmulatedError("group MMS (MessagingBinding.ProjectedAddress)");
  if (!bound) return null;
  if (address === undefined || address === "") throw participantRules.addressEmpty();
  if (proxyAddress === "") throw participantRules.proxyAddressEmpty();
  checkEmulated(address);
  const channel = channelOf(address);
  if (channel === undefined) throw participantRules.addressInvalid();
  if (proxyAddress === undefined) {
    throw new NotEmulatedError("group MMS (MessagingBinding.Address without MessagingBinding.ProxyAddress)");
  }
  checkProxy(world, address, channel, proxyAddress);
  return { type: channel, address, proxyAddress };
}

function checkProxy(world: World, address: string, channel: Channel, proxyAddress: string): void {
  checkEmulated(proxyAddress);
  const proxyChannel = channelOf(proxyAddress);
  if (proxyChannel === undefined) throw participantRules.proxyAddressInvalid();
  if (proxyChannel !== channel) throw participantRules.channelsDiffer();
  if (address === proxyAddress) throw participantRules.addressEqualsProxy();
  if (!world.numbers.has(proxyAddress)) {
    const bare = proxyAddress.replace("whatsapp:", "");
    if (channel === "whatsapp" && world.numbers.has(bare)) throw participantRules.proxyNotWhatsApp();
    throw participantRules.proxyNotOwned();
  }
  if (world.numbers.has(address)) throw participantRules.addressInvalid();
}

function checkEmulated(address: string): void {
  const prefix = unemulatedPrefix(address);
  if (prefix !== undefined) throw new NotEmulatedError(`participants on the channel ${prefix}`);
}
