import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Call } from "../call.ts";
import type { Sid } from "../sid.ts";
import type { State } from "../state/state.ts";
import { isTwilioError } from "../twilio/errors.ts";
import { type CarefulCreate, repeatWhileUncertain } from "../twilio/once.ts";
import { createOrFindParticipant, isAlreadyParticipant } from "../twilio/participants.ts";
import type { Agent } from "./agent.ts";

const ROUTED = "routed";
/** Twilio's error for a participant that has an identity. */
const HAS_IDENTITY = 50444;

/** The conversation to which an agent is added. */
export interface AgentContext {
  readonly conversation: ConversationContext;
  readonly conversationSid: Sid<"CH">;
  readonly state: State;
  readonly call: Call;
}

/** The result. `group_text`: none of the agents can be added to this group text. `nobody`: no agent is available. */
export type Added =
  | { readonly status: "added" | "existing"; readonly participant: ParticipantInstance }
  | { readonly status: "nobody" | "group_text" };

/**
 * Adds the first agent that can be added, with `"routed":true` in the participant's attributes for apps. In a group text,
 * where a chat user needs a projected address, the agent gets one without an identity, or their own. An agent on a phone
 * whose address pair is in use by another open conversation is skipped.
 *
 * A repeated call finds the agent by the participant's record and adds no other, even if the rule would now choose another
 * one. Call it within `inTurn`. If the agent was removed meanwhile, one is chosen again.
 */
export async function addAgent(
  context: AgentContext,
  choose: () => Promise<readonly Agent[]>,
): Promise<Added> {
  const { conversation, state } = context;
  const present = await conversation.participants.list();
  const earlier = present.find((one) => state.isAddedFor(ROUTED, one));
  if (earlier) return { status: "existing", participant: earlier };
  const isGroup = present.some(isGroupMember);
  const agents = await choose();
  for (const agent of agents) {
    const added = isGroup ? await joinGroup(context, present, agent) : await join(context, agent);
    if (added) return added;
  }
  return { status: isGroup && agents.length > 0 ? "group_text" : "nobody" };
}

const isGroupMember = ({ messagingBinding }: ParticipantInstance): boolean =>
  messagingBinding !== null && messagingBinding.proxy_address === undefined;

const isAgent = (agent: Agent) => (one: ParticipantInstance) =>
  "identity" in agent
    ? one.identity === agent.identity
    : one.messagingBinding?.address === agent.address &&
      one.messagingBinding?.proxy_address === agent.proxyAddress;

/** @returns `undefined` for an agent whose address pair is in use. */
async function join(context: AgentContext, agent: Agent): Promise<Added | undefined> {
  const { participants } = context.conversation;
  const find = async () => (await participants.list()).find(isAgent(agent));
  const create = () =>
    participants.create({
      attributes: attributesOf(context, "identity" in agent ? agent.identity : agent.address),
      ...("identity" in agent
        ? { identity: agent.identity }
        : { "messagingBinding.address": agent.address, "messagingBinding.proxyAddress": agent.proxyAddress }),
    });
  return createOrExisting({ create, find, call: context.call });
}

async function createOrExisting(careful: CarefulCreate<ParticipantInstance>): Promise<Added | undefined> {
  try {
    const { participant, isAdded } = await createOrFindParticipant(careful);
    return { status: isAdded ? "added" : "existing", participant };
  } catch (error) {
    if (!isAlreadyParticipant(error)) throw error;
    return undefined;
  }
}

/** @returns `undefined` if there is no projected address for the agent. */
async function joinGroup(
  context: AgentContext,
  present: readonly ParticipantInstance[],
  agent: Agent,
): Promise<Added | undefined> {
  if (!("identity" in agent)) return undefined;
  const { participants } = context.conversation;
  const { identity, projectedAddress } = agent;
  const already = present.find(isAgent(agent));
  if (already) return { status: "existing", participant: already };
  const attributes = attributesOf(context, identity);
  const numbers = present.filter(({ messagingBinding }) => messagingBinding?.projected_address !== undefined);
  const own = numbers.find(({ messagingBinding }) => messagingBinding.projected_address === projectedAddress);
  const gateway = own ?? numbers.find((one) => one.identity === null);
  if (gateway !== undefined) {
    const take = () => participants(gateway.sid).update({ identity, attributes });
    try {
      return { status: "added", participant: await repeatWhileUncertain(take) };
    } catch (error) {
      if (!isTwilioError(error, { code: HAS_IDENTITY })) throw error;
      const holder = await participants(gateway.sid).fetch();
      return holder.identity === identity ? { status: "added", participant: holder } : undefined;
    }
  }
  if (projectedAddress === undefined) return undefined;
  const create = () =>
    participants.create({ identity, attributes, "messagingBinding.projectedAddress": projectedAddress });
  const find = async () => (await participants.list()).find(isAgent(agent));
  return createOrExisting({ create, find, call: context.call });
}

const attributesOf = ({ conversationSid, state }: AgentContext, who: string): string =>
  state.forParticipant(conversationSid, who, ROUTED, { routed: true });
