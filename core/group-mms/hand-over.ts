import type {
  ParticipantContext,
  ParticipantInstance,
} from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { Call } from "../call.ts";
import { Conflict, HandlerError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type Sid, sidOf } from "../sid.ts";
import { isTwilioError } from "../twilio/errors.ts";
import { createCarefully, repeatWhileUncertain } from "../twilio/once.ts";

/** Twilio's error for an identity where there is one already. */
const HAS_IDENTITY = 50444;

/**
 * Hands the projected address of a group text's participant to another chat user, or to nobody. Twilio does not let one
 * identity replace another (error 50444), so the old one is removed first; when the new one then cannot be put there, the
 * old one comes back.
 *
 * @throws {Conflict} `transferred_meanwhile` @throws {LeftWithoutIdentity}
 */
export async function handOver(
  participant: ParticipantContext,
  holder: ParticipantInstance,
  identity: string | undefined,
  { call, log }: { readonly call: Call; readonly log: Log },
): Promise<void> {
  const put = (name: string) => repeatWhileUncertain(() => participant.update({ identity: name }));
  if (holder.identity !== null) await takeAway(participant, call);
  if (identity === undefined) return;
  try {
    await giveTo(participant, identity);
  } catch (error) {
    if (holder.identity === null || isOvertaken(error)) throw error;
    call.spendReserve();
    await put(holder.identity).catch((cause: unknown) => {
      if (isTwilioError(cause, { code: HAS_IDENTITY })) return;
      log.error("left_without_identity", { participantSid: holder.sid, error, cause });
      throw new LeftWithoutIdentity(sidOf("CH", holder.conversationSid), error);
    });
    throw error;
  }
}

/**
 * Takes the identity away. Nothing else is sent while nobody knows what became of that: a request that takes effect late
 * would take the new identity away.
 */
async function takeAway(participant: ParticipantContext, call: Call): Promise<void> {
  await createCarefully({
    create: () => participant.update({ identity: "" }),
    async find() {
      const found = await participant.fetch();
      return found.identity ? undefined : found;
    },
    call,
    mayBeRepeated: true,
    isTakenBack: true,
  });
}

/** Puts an identity behind the number. When the answer is lost, what is there now tells. */
async function giveTo(participant: ParticipantContext, identity: string): Promise<void> {
  await repeatWhileUncertain(() => participant.update({ identity })).catch(async (error: unknown) => {
    if (!isTwilioError(error, { code: HAS_IDENTITY })) throw error;
    if ((await participant.fetch()).identity === identity) return;
    const message = "Somebody else was given the number in this moment.";
    throw new Conflict("transferred_meanwhile", message, { field: "identity", cause: error });
  });
}

const isOvertaken = (error: unknown): boolean =>
  error instanceof Conflict && error.code === "transferred_meanwhile";

/** 502: the old identity is gone, the new one is not there, and the old one could not be put back. */
class LeftWithoutIdentity extends HandlerError {
  constructor(conversationSid: Sid<"CH">, cause: unknown) {
    const reason = cause instanceof HandlerError ? `${cause.message} ` : "";
    const advice = "Nobody is behind the projected address now: call again.";
    super(502, "left_without_identity", `${reason}${advice}`, { conversationSid, cause });
  }
}
