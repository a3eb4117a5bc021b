import { isTollFree } from "../domain/address.ts";
import { areaOf, canadian, caribbean } from "../domain/area-codes.ts";
import { poolOf } from "../domain/messaging-services.ts";
import type { World } from "../domain/world.ts";
import { type Refusal, refusals } from "./refusals.ts";

/** What may be switched on beside what is always so. */
export interface Rules {
  /** Whether US carriers block what comes from numbers that are not registered for A2P 10DLC. */
  a2p: boolean;
  /** How many milliseconds it takes until participants that join together have joined. */
  joining: number;
}

/**
 * Refuses, where that is asked for, what an unregistered 10-digit long code of the account sends to a US number ("A2P
 * 10DLC Registration in Conversations"). A number is registered while it is in a messaging service that has a campaign.
 * Toll-free numbers and other channels are not concerned; nor is what another person sends into a group text.
 */
export function a2pRefusal(world: World, rules: Rules, from: string, to: string): Refusal | undefined {
  if (!rules.a2p) return undefined;
  const number = world.numbers.get(from);
  if (number === undefined || !from.startsWith("+1") || isTollFree(from) || !isInUnitedStates(to))
    return undefined;
  return poolOf(world, number)?.hasCampaign ? undefined : refusals.unregistered;
}

function isInUnitedStates(address: string): boolean {
  const area = areaOf(address);
  return area !== undefined && !canadian.has(area) && !caribbean.has(area);
}
