import { createHash } from "node:crypto";
import * as v from "valibot";
import { type Agent, agents } from "./agent.ts";
import type { AgentFacts } from "./facts.ts";

/**
 * How agents are chosen. `fixed`: the first that can be added. `rotation`: by a hash of the conversation's SID, which distributes
 * conversations evenly without requests to Twilio. `least-recent`: the one whose newest conversation is the oldest. `online`: the
 * same, among those who are online.
 */
export const RULES = ["fixed", "rotation", "least-recent", "online"] as const;

/** Schemas of a rule and the agents to choose from, in settings and calls. */
export const choice = {
  rule: v.optional(v.picklist(RULES, `must be one of ${RULES.join(", ")}`), "fixed"),
  agents: agents(),
};

/** A rule with the agents to choose from. */
export interface Choice {
  readonly rule: (typeof RULES)[number];
  readonly agents: readonly Agent[];
}

/**
 * The agents for a conversation, the preferred one first. Equal agents are in an order that depends on the conversation, so
 * that not all new conversations get the same one.
 */
export async function candidatesFor(
  { rule, agents }: Choice,
  conversationSid: string,
  facts: AgentFacts,
): Promise<readonly Agent[]> {
  if (rule === "fixed") return agents;
  const rotated = [...agents].sort((a, b) => weightOf(a, conversationSid) - weightOf(b, conversationSid));
  if (rule === "rotation") return rotated;
  const wanted = rule === "online" ? await thoseOnline(rotated, facts) : rotated;
  const lastServed = await Promise.all(wanted.map((agent) => facts.lastServed(agent)));
  const byAgent = new Map(wanted.map((agent, index) => [agent, lastServed[index] ?? 0]));
  return [...wanted].sort((a, b) => (byAgent.get(a) ?? 0) - (byAgent.get(b) ?? 0));
}

/** Twilio has no online status of phones, so agents on phones are omitted. */
async function thoseOnline(agents: readonly Agent[], facts: AgentFacts): Promise<Agent[]> {
  const chatUsers = agents.filter((agent) => "identity" in agent);
  const online = await Promise.all(chatUsers.map(({ identity }) => facts.isOnline(identity)));
  return chatUsers.filter((_agent, index) => online[index]);
}

/** Rendezvous hashing: adding an agent reassigns as few conversations as possible. */
const weightOf = (agent: Agent, conversationSid: string): number =>
  createHash("sha256")
    .update(`${conversationSid} ${"identity" in agent ? agent.identity : agent.address}`)
    .digest()
    .readUInt32BE();
