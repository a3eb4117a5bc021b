import { isTollFree } from "../domain/address.ts";
import { areaOf, canadian, caribbean } from "../domain/area-codes.ts";
import { poolOf } from "../domain/messaging-services.ts";
import type { Resources } from "../domain/resources.ts";
import { type DeliveryError, deliveryErrors } from "./delivery-errors.ts";

/** Rules that are off by default. */
export interface Rules {
  /** Whether US carriers block messages from numbers that are not registered for A2P 10DLC. */
  a2p: boolean;
  /** Whether +14155238886 has the rules of WhatsApp's sandbox. */
  sandbox: boolean;
  /** How many milliseconds it takes until participants that join together have joined. */
  joining: number;
}

/** A message whose sender may need a registration. */
interface Sent {
  readonly resources: Resources;
  readonly rules: Rules;
  readonly from: string;
  readonly to: string;
}

/**
 * Rejects, while the rule is on, messages from an unregistered 10-digit long code of the account to a US number ("A2P
 * 10DLC Registration in Conversations"). A number is registered while its messaging service has a campaign. Toll-free
 * numbers need no registration, and people's own texts to a group are not affected.
 */
export function checkRegistration({ resources, rules, from, to }: Sent): DeliveryError | undefined {
  if (!rules.a2p) return undefined;
  const number = resources.numbers.get(from);
  if (number === undefined || !from.startsWith("+1") || isTollFree(from) || !isInUnitedStates(to))
    return undefined;
  return poolOf(resources, number)?.hasCampaign ? undefined : deliveryErrors.unregistered;
}

function isInUnitedStates(address: string): boolean {
  const area = areaOf(address);
  return area !== undefined && !canadian.has(area) && !caribbean.has(area);
}
