import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import * as v from "valibot";
import type { Call } from "../../../core/call.ts";
import { identity } from "../../../core/input.ts";
import { isTwilioError } from "../../../core/twilio/errors.ts";
import { createUnique } from "../../../core/twilio/once.ts";
import type { EventOf } from "./event.ts";
import { type Reaction, reaction } from "./reaction.ts";
import { readHookAnswer, type SendHook } from "./signed-hook.ts";

type Added = EventOf<"onConversationAdded">;

const ROUTED = "routed";

/** Says who gets a new conversation: an identity, or `undefined` for nobody. */
export type ChooseAgent = (event: Added, call: Call) => Promise<string | undefined>;

/**
 * Adds an agent to a new conversation, with `"routed":true` in the participant's attributes for whoever reads them (docs: Using Facebook
 * Messenger with Conversations: autocreation connects nobody by itself).
 *
 * Called again, it finds the agent by the participant's record and adds no other, even where the list or the hook's answer has changed.
 * An agent who was taken off since is added again; a conversation that is closed stays alone. A group text is left as it
 * is: a chat user can be in it only with a projected address.
 */
export const addAgent = (choose: ChooseAgent, concerns: (event: Added) => boolean): Reaction =>
  reaction({
    name: "agent",
    on: "onConversationAdded",
    needsTurn: true,
    concerns,
    async react(event, { conversation, found, state, call }) {
      if (found.state === "closed") return "too_late";
      const { participants } = conversation;
      const there = await participants.list();
      if (there.some((one) => state.isAddedFor(ROUTED, one))) return "existing";
      if (there.some(isGroupMember)) return "group_text";
      const agent = await choose(event, call);
      if (agent === undefined) return "nobody";
      const create = () =>
        participants.create({
          identity: agent,
          attributes: state.forParticipant(found.sid, agent, ROUTED, { routed: true }),
        });
      const find = async () => (await participants.list()).find(({ identity }) => identity === agent);
      try {
        await createUnique(create, find);
        return "added";
      } catch (error) {
        if (!isTwilioError(error, { code: 50433 })) throw error;
        return "existing";
      }
    },
  });

const isGroupMember = ({ messagingBinding }: ParticipantInstance): boolean =>
  messagingBinding !== null && messagingBinding.proxy_address === undefined;

/** Always the same agent. */
export const always =
  (identity: string): ChooseAgent =>
  async () =>
    identity;

/**
 * Shares conversations out evenly without counting them: the digits of a SID are random, so its last ones choose, and
 * choose the same agent each time. Over many conversations every agent gets as many as by turns.
 */
export const inRotation =
  (agents: readonly string[]): ChooseAgent =>
  async ({ ConversationSid }) =>
    agents[Number.parseInt(ConversationSid.slice(-8), 16) % agents.length];

const hookAnswer = v.object({ identity: v.nullable(identity()) });

/** Asks a service of the company's own, which gets the event as JSON and answers `{"identity":"…"}`, or null for nobody. */
export const asHookSays =
  (url: string, sendHook: SendHook): ChooseAgent =>
  async (event, call) => {
    const id = `route-${event.ConversationSid}`;
    const answer = await sendHook(call, { method: "POST", url, id, json: event });
    return readHookAnswer(hookAnswer, answer).identity ?? undefined;
  };
