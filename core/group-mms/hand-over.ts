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

/** Twilio's error for adding an identity to a participant that has one. */
const HAS_IDENTITY = 50444;

/**
 * Transfers the projected address of a group text's participant to another chat user, or removes its identity. Twilio does
 * not replace an identity (error 50444), so the old one is removed first; if the new one then cannot be set, the old one is
 * restored.
 *
 * @throws {Conflict} `transferred_meanwhile` @throws {LeftWithoutIdentity}
 */
export async function handOver(
  participant: ParticipantContext,
  holder: ParticipantInstance,
  identity: string | undefined,
  { call, log }: { readonly call: Call; readonly log: Log },
): Promise<void> {
  call.reserve();
  const restore = (name: string) => repeatWhileUncertain(() => participant.update({ identity: name }));
  if (holder.identity !== null) await removeIdentity(participant, call);
  if (identity === undefined) return;
  try {
    await setIdentity(participant, identity);
  } catch (error) {
    if (holder.identity === null || isOvertaken(error)) throw error;
    call.spendReserve();
    await restore(holder.identity).catch((cause: unknown) => {
      if (isTwilioError(cause, { code: HAS_IDENTITY })) return;
      log.error("left_without_identity", { participantSid: holder.sid, error, cause });
      throw new LeftWithoutIdentity(sidOf("CH", holder.conversationSid), error);
    });
    throw error;
  }
}

/**
 * Removes the identity. No other request is sent until the outcome is known: a request that takes effect late would remove
 * the new identity.
 */
async function removeIdentity(participant: ParticipantContext, call: Call): Promise<void> {
  await createCarefully({
    create: () => participant.update({ identity: "" }),
    async find() {
      const found = await participant.fetch();
      return found.identity ? undefined : found;
    },
    call,
  });
}

/** Sets the participant's identity. If the answer is lost, fetches the participant to see the outcome. */
async function setIdentity(participant: ParticipantContext, identity: string): Promise<void> {
  await repeatWhileUncertain(() => participant.update({ identity })).catch(async (error: unknown) => {
    if (!isTwilioError(error, { code: HAS_IDENTITY })) throw error;
    if ((await participant.fetch()).identity === identity) return;
    const message = "Another call has transferred the number to another user meanwhile.";
    throw new Conflict("transferred_meanwhile", message, { field: "identity", cause: error });
  });
}

const isOvertaken = (error: unknown): boolean =>
  error instanceof Conflict && error.code === "transferred_meanwhile";

/** 502: the old identity was removed, the new one could not be set, and the old one could not be restored. */
class LeftWithoutIdentity extends HandlerError {
  constructor(conversationSid: Sid<"CH">, cause: unknown) {
    const reason = cause instanceof HandlerError ? `${cause.message} ` : "";
    const advice = "The projected address has no identity now: call again.";
    super(502, "left_without_identity", `${reason}${advice}`, { conversationSid, cause });
  }
}
