import type {
  ParticipantContext,
  ParticipantInstance,
} from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import * as v from "valibot";
import { bearer } from "../../core/access/bearer.ts";
import { signedByTwilio } from "../../core/access/signed-by-twilio.ts";
import type { Call } from "../../core/call.ts";
import { Conflict, HandlerError, InvalidInput, NotFound } from "../../core/errors.ts";
import { defineHandler } from "../../core/handler.ts";
import { conversationKey, flag, identity, requireOwn } from "../../core/input.ts";
import type { Log } from "../../core/log.ts";
import { type Sid, sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { isTwilioError } from "../../core/twilio/errors.ts";
import { createCarefully, repeatWhileUncertain } from "../../core/twilio/once.ts";
import { targetOf } from "../../core/twilio/target.ts";
import { explainGroupError } from "./group/errors.ts";
import { groupNumber } from "./group/members.ts";

/** Twilio's error for an identity where there is one already. */
const HAS_IDENTITY = 50444;

/**
 * Hands a projected address of a group text to another chat user, or to nobody (docs: Group Texting in Conversations,
 * "Sharing a Projected Address in group texts"). The people in the group see the same number as before.
 *
 * Twilio does not let one identity replace another (error 50444), so the old one is taken away first. When the new one then
 * cannot be put there, the old one comes back. Safe to call again: what is so already is answered as `unchanged`. Of
 * two transfers at one instant one wins, and the other is a 409 or the later one.
 */
export default defineHandler({
  access: signedByTwilio.or(bearer("conversations:write")),
  use: { conversations, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether it must be one that this deployment has made; otherwise a 409. For names that a chat user could guess. */
    requireOwn: requireOwn(),
    /** The number that is handed over. */
    projectedAddress: groupNumber(),
    /** Who gets it. Either this or `toNobody`. */
    identity: v.optional(identity()),
    /** Whether the number becomes a gateway that nobody is behind. */
    toNobody: v.optional(flag(), false),
  }),
  async run({ projectedAddress, identity, toNobody, ...target }, { conversations, state, call, log }) {
    if ((identity === undefined) !== toNobody) {
      const message = "Give identity, or toNobody=true for nobody.";
      throw new InvalidInput(message, { field: "identity" });
    }
    try {
      const { conversation } = await targetOf({ conversations, state }, target);
      const { participants } = conversation;
      const present = await participants.list();
      const holder = present.find(
        ({ messagingBinding }) => messagingBinding?.projected_address === projectedAddress,
      );
      if (holder === undefined) {
        const message = "No member of the conversation has this projected address.";
        throw new NotFound("projected_address_not_found", message, { field: "projectedAddress" });
      }
      if ((holder.identity ?? undefined) === identity) return answer("unchanged", holder, identity);
      await handOver(participants(holder.sid), holder, identity, { call, log });
      return answer("transferred", holder, identity);
    } catch (error) {
      throw explainGroupError(error, {
        field: "identity",
        proxyField: "projectedAddress",
        missingField: "conversationSid",
      });
    }
  },
});

async function handOver(
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

/** What the caller learns. */
type Transfer = {
  readonly status: "transferred" | "unchanged";
  readonly conversationSid: Sid<"CH">;
  readonly participantSid: Sid<"MB">;
  /** Who has the number now. */
  readonly identity: string | null;
  /** Who had it. */
  readonly previousIdentity: string | null;
};

const answer = (
  status: Transfer["status"],
  holder: ParticipantInstance,
  identity: string | undefined,
): Transfer => ({
  status,
  conversationSid: sidOf("CH", holder.conversationSid),
  participantSid: sidOf("MB", holder.sid),
  identity: identity ?? null,
  previousIdentity: holder.identity ?? null,
});
