import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import { isTwilioError } from "./errors.ts";
import { type CarefulCreate, createUnique } from "./once.ts";

/** Twilio's errors for an existing participant: a chat user, and an address with its proxy address. */
const ALREADY_PARTICIPANT = [50433, 50416];

/** Whether Twilio has rejected a participant who exists, in this conversation or, for an address pair, in another one. */
export const isAlreadyParticipant = (error: unknown): boolean =>
  ALREADY_PARTICIPANT.some((code) => isTwilioError(error, { code }));

/**
 * Creates a participant, or finds the existing one.
 *
 * @throws Twilio's error, also for an address pair that is in use in another conversation.
 */
export async function createOrFindParticipant(
  careful: CarefulCreate<ParticipantInstance>,
): Promise<{ readonly participant: ParticipantInstance; readonly isAdded: boolean }> {
  try {
    return { participant: await createUnique(careful), isAdded: true };
  } catch (error) {
    const participant = isAlreadyParticipant(error) ? await careful.find() : undefined;
    if (participant === undefined) throw error;
    return { participant, isAdded: false };
  }
}
