import type { ParticipantInstance } from "twilio/lib/rest/conversations/v1/conversation/participant.js";
import type { ConversationContext } from "twilio/lib/rest/conversations/v1/conversation.js";
import type { Sid } from "../sid.ts";
import type { State } from "../state/state.ts";
import { isTwilioError } from "../twilio/errors.ts";
import { createUnique, repeatWhileUncertain } from "../twilio/once.ts";
import type { Agent } from "./agent.ts";

const ROUTED = "routed";
/** Twilio's errors for a chat user who is there already, a pair of numbers that is, and an identity where there is one. */
const [ALREADY_THERE, PAIR_BOUND, HAS_IDENTITY] = [50433, 50416, 50444];

/** Where an agent is added. */
export interface AgentContext {
  readonly conversation: ConversationContext;
  readonly conversationSid: Sid<"CH">;
  readonly state: State;
}

/** Who came. `group_text`: none of the agents can be in this group text. `nobody`: there was nobody to choose. */
export type Added =
  | { readonly status: "added" | "existing"; readonly participant: ParticipantInstance }
  | { readonly status: "nobody" | "group_text" };

/**
 * Adds the first of some agents who can be added, with `"routed":true` in the participant's attributes for apps that read it.
 * In a group text, where a chat user needs a number of the account, they get one that nobody is behind, or their own.
 * Somebody on a phone whose pair of numbers leads to another open conversation is passed over.
 *
 * Called again it finds the agent by the participant's record and adds no other, whatever the choice would be by now; so it
 * belongs into the conversation's turn. An agent who was taken off since is chosen anew.
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

const isThem = (agent: Agent) => (one: ParticipantInstance) =>
  "identity" in agent
    ? one.identity === agent.identity
    : one.messagingBinding?.address === agent.address &&
      one.messagingBinding?.proxy_address === agent.proxyAddress;

/** @returns `undefined` for somebody on a phone who is busy. */
async function join(context: AgentContext, agent: Agent): Promise<Added | undefined> {
  const { participants } = context.conversation;
  const find = async () => (await participants.list()).find(isThem(agent));
  const create = () =>
    participants.create({
      attributes: attributesOf(context, "identity" in agent ? agent.identity : agent.address),
      ...("identity" in agent
        ? { identity: agent.identity }
        : { "messagingBinding.address": agent.address, "messagingBinding.proxyAddress": agent.proxyAddress }),
    });
  return createOrExisting(create, find);
}

async function createOrExisting(
  create: () => Promise<ParticipantInstance>,
  find: () => Promise<ParticipantInstance | undefined>,
): Promise<Added | undefined> {
  try {
    return { status: "added", participant: await createUnique(create, find) };
  } catch (error) {
    const isTaken = [ALREADY_THERE, PAIR_BOUND].some((code) => isTwilioError(error, { code }));
    if (!isTaken) throw error;
    const participant = await find();
    return participant && { status: "existing", participant };
  }
}

/** @returns `undefined` where there is no number for the agent. */
async function joinGroup(
  context: AgentContext,
  present: readonly ParticipantInstance[],
  agent: Agent,
): Promise<Added | undefined> {
  if (!("identity" in agent)) return undefined;
  const { participants } = context.conversation;
  const { identity, projectedAddress } = agent;
  const already = present.find(isThem(agent));
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
  return createOrExisting(create, async () => (await participants.list()).find(isThem(agent)));
}

const attributesOf = ({ conversationSid, state }: AgentContext, who: string): string =>
  state.forParticipant(conversationSid, who, ROUTED, { routed: true });
