import { isSid } from "../sid.ts";
import { participantRules } from "./rules/participant.ts";

/** Checks an identity: 1 to 256 characters, not shaped like a user SID, not the reserved "system". */
export function checkIdentity(identity: string | undefined): string {
  if (identity === undefined || identity === "") throw participantRules.identityMissing();
  if (identity.length > 256) throw participantRules.identityTooLong();
  if (isSid("US", identity)) throw participantRules.identityLooksLikeSid();
  if (identity === "system") throw participantRules.identityReserved();
  return identity;
}
