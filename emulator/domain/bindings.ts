import { channelOf, checkEmulated, isEmail, isGroupNumber } from "./address.ts";
import { type Channel, channelTraits, groupTextChannel } from "./channels.ts";
import type { BindingInput, MessagingBinding, PairBinding } from "./model.ts";
import type { Resources } from "./resources.ts";
import { groupRules } from "./rules/group.ts";
import { participantRules } from "./rules/participant.ts";

/**
 * Checks the messaging binding of a new participant; null for a chat participant. It is a person's address and a proxy
 * address of the account, on the same channel; an address alone or a projected address, for group texts; or an email
 * address.
 */
export function checkBinding(resources: Resources, input: BindingInput): MessagingBinding | null {
  const { identity, address, proxyAddress, projectedAddress } = input;
  const bound = address !== undefined || proxyAddress !== undefined;
  if (identity !== undefined && bound) throw participantRules.identityWithBinding();
  if (projectedAddress !== undefined) {
    if (bound) throw groupRules.projectedWithBinding();
    return checkProjected(resources, projectedAddress);
  }
  if (!bound) return null;
  if (address === undefined || address === "") throw participantRules.addressEmpty();
  if (proxyAddress === "") throw participantRules.proxyAddressEmpty();
  if (isEmail(address)) {
    if (proxyAddress !== undefined) throw participantRules.proxyNotSupported();
    return { ...unboundMember, type: "email", address };
  }
  checkEmulated(address, "participants");
  const channel = channelOf(address);
  if (channel === undefined) throw participantRules.addressInvalid();
  return proxyAddress === undefined
    ? checkMember(resources, address)
    : checkPair(resources, address, channel, proxyAddress);
}

/** A member of a group text with a phone of their own. */
export function checkMember(resources: Resources, address: string): MessagingBinding {
  if (!isGroupNumber(address) || resources.numbers.has(address)) throw participantRules.addressInvalid();
  return { ...unboundMember, address };
}

/** A number of the account as a member of a group text. */
export function checkProjected(resources: Resources, projectedAddress: string): MessagingBinding {
  if (!isGroupNumber(projectedAddress)) throw participantRules.addressInvalid();
  if (!resources.numbers.has(projectedAddress)) throw groupRules.projectedNotOwned();
  return { ...unboundMember, projectedAddress };
}

/** A person's address with the number of the account that they write to. */
export function checkPair(
  resources: Resources,
  address: string,
  channel: Channel,
  proxyAddress: string,
): PairBinding {
  checkEmulated(proxyAddress, "participants");
  const proxyChannel = channelOf(proxyAddress);
  if (proxyChannel === undefined) throw participantRules.proxyAddressInvalid();
  if (proxyChannel !== channel) throw participantRules.channelsDiffer();
  if (address === proxyAddress) throw participantRules.addressEqualsProxy();
  if (!resources.numbers.has(proxyAddress)) {
    const { prefix, proxyNotEnabled } = channelTraits[channel];
    const ownsBareNumber = resources.numbers.has(proxyAddress.slice(prefix.length));
    throw ownsBareNumber ? proxyNotEnabled() : participantRules.proxyNotOwned();
  }
  if (resources.numbers.has(address)) throw participantRules.addressInvalid();
  return { type: channel, address, proxyAddress, projectedAddress: null };
}

/** Whether a binding is a person's address with a proxy address. */
export function isPair(binding: MessagingBinding | null): binding is PairBinding {
  return binding !== null && binding.address !== null && binding.proxyAddress !== null;
}

/** Whether a participant with this binding is a member of a group text. */
export function isGroupBinding(binding: MessagingBinding | null): binding is MessagingBinding {
  return binding?.type === groupTextChannel && binding.proxyAddress === null;
}

const unboundMember: MessagingBinding = {
  type: groupTextChannel,
  address: null,
  proxyAddress: null,
  projectedAddress: null,
};
