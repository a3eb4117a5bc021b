import { isPair } from "./bindings.ts";
import type { Participant } from "./model.ts";
import { pairKey, type Resources } from "./resources.ts";

/*
 * A person's address and the proxy address they write to form a pair that belongs to one open conversation ("Inbound
 * Message Handling & Autocreation"). Removing the participant, or deleting or closing the conversation, releases it.
 */

/** The participant that holds the pair, if any. */
export function holderOf(
  resources: Resources,
  address: string,
  proxyAddress: string,
): Participant | undefined {
  return resources.pairs.get(pairKey(address, proxyAddress));
}

/** Assigns the pair of a participant, known to be free, if they have one. */
export function bindPair(resources: Resources, participant: Participant): void {
  const { binding } = participant;
  if (isPair(binding)) resources.pairs.set(pairKey(binding.address, binding.proxyAddress), participant);
}

/** Releases the participant's pair, unless another participant holds it. */
export function releasePair(resources: Resources, { binding, sid }: Participant): void {
  if (!isPair(binding)) return;
  const key = pairKey(binding.address, binding.proxyAddress);
  if (resources.pairs.get(key)?.sid === sid) resources.pairs.delete(key);
}
