import { isPair } from "./bindings.ts";
import type { Participant } from "./model.ts";
import { pairKey, type World } from "./world.ts";

/*
 * A person's address and the proxy address they write to form a pair that belongs to one open conversation ("Inbound
 * Message Handling & Autocreation"). Removing the participant, or deleting or closing the conversation, releases it.
 */

/** The participant that holds the pair, if any. */
export function holderOf(world: World, address: string, proxyAddress: string): Participant | undefined {
  return world.pairs.get(pairKey(address, proxyAddress));
}

/** Assigns the pair of a participant, known to be free, if they have one. */
export function bindPair(world: World, participant: Participant): void {
  const { binding } = participant;
  if (isPair(binding)) world.pairs.set(pairKey(binding.address, binding.proxyAddress), participant);
}

/** Releases the participant's pair, unless another participant holds it. */
export function releasePair(world: World, { binding, sid }: Participant): void {
  if (!isPair(binding)) return;
  const key = pairKey(binding.address, binding.proxyAddress);
  if (world.pairs.get(key)?.sid === sid) world.pairs.delete(key);
}
