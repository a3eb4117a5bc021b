import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { State } from "../../../core/state/state.ts";

/** A chat user, or a person on a phone or in a messenger: one of the two is given. */
export interface Person {
  readonly identity: string | undefined;
  readonly address: string | undefined;
}

/** Whether a participant is the person. */
export const isPerson =
  ({ identity, address }: Person) =>
  (one: ParticipantInstance): boolean =>
    identity === undefined ? one.messagingBinding?.address === address : one.identity === identity;

/** Whether the person has written a message, as one of these participants or before. */
export const isWrittenBy = ({ identity, address }: Person, own: readonly ParticipantInstance[]) => {
  const sids = new Set(own.map(({ sid }) => sid));
  return ({ author, participantSid }: MessageInstance): boolean =>
    author === (identity ?? address) || sids.has(participantSid);
};

/** A name of the person for logs and files, from which nobody without the key can derive the person. */
export const nameOf = (state: State, { identity, address }: Person): string =>
  identity === undefined
    ? state.name("person", "address", address ?? "")
    : state.name("person", "identity", identity);

/** The folder of the person's exports. */
export const exportFolder = (state: State, person: Person): string => `exports/${nameOf(state, person)}`;
