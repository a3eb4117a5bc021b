import { isTollFree } from "../domain/address.ts";
import { poolOf } from "../domain/messaging-services.ts";
import type { World } from "../domain/world.ts";
import { type Refusal, refusals } from "./refusals.ts";

/** What may be switched on beside what is always so. */
export interface Rules {
  /** Whether US carriers block what comes from numbers that are not registered for A2P 10DLC. */
  a2p: boolean;
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

/** Of the numbers under +1, all but those of Canada and the Caribbean. */
function isInUnitedStates(address: string): boolean {
  const area = /^\+1(\d{3})\d{7}$/.exec(address)?.[1];
  return area !== undefined && !elsewhere.has(area);
}

/** Area codes of the North American Numbering Plan outside the United States and their territories. */
const elsewhere: ReadonlySet<string> = new Set(
  [
    "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450 460 468 474",
    "506 514 519 537 548 568 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867",
    "873 879 902 905 942",
    "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876",
  ].flatMap((codes) => codes.split(" ")),
);
