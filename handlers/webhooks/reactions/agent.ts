import * as v from "valibot";
import { addAgent } from "../../../core/agents/add.ts";
import { type Agent, agent } from "../../../core/agents/agent.ts";
import { type Choice, candidatesFor } from "../../../core/agents/choose.ts";
import type { AgentFacts } from "../../../core/agents/facts.ts";
import type { Call } from "../../../core/call.ts";
import { sidOf } from "../../../core/sid.ts";
import { readHookAnswer, type SendHook } from "../../../core/signed-hook.ts";
import type { EventOf } from "./event.ts";
import { type Reaction, reaction } from "./reaction.ts";

type Added = EventOf<"onConversationAdded">;

/** Returns the agents for a new conversation, the preferred one first. */
export type ChooseAgents = (event: Added, call: Call, facts: AgentFacts) => Promise<readonly Agent[]>;

/**
 * Adds an agent to a new conversation (docs: Using Facebook Messenger with Conversations: autocreation adds no agent).
 * Called again, it finds the agent and adds no other, even if the list or the hook's answer has changed. A closed conversation
 * is not changed.
 */
export const routeToAgent = (choose: ChooseAgents, concerns: (event: Added) => boolean): Reaction =>
  reaction({
    name: "agent",
    on: "onConversationAdded",
    needsTurn: true,
    concerns,
    async react(event, { conversation, found, state, agentFacts, call }) {
      if (found.state === "closed") return "too_late";
      const context = { conversation, conversationSid: sidOf("CH", found.sid), state, call };
      return (await addAgent(context, () => choose(event, call, agentFacts))).status;
    },
  });

/** Chooses by a rule of the settings. */
export const byRule =
  (choice: Choice): ChooseAgents =>
  ({ ConversationSid }, _call, facts) =>
    candidatesFor(choice, ConversationSid, facts);

const hookAnswer = v.union([v.object({ identity: v.null() }), agent()]);

/**
 * Sends the event as JSON to a service of the company, which answers with an agent, such as `{"identity":"…"}`, or
 * `{"identity":null}` for no agent.
 */
export const asHookSays =
  (url: string, sendHook: SendHook): ChooseAgents =>
  async (event, call) => {
    const id = `route-${event.ConversationSid}`;
    const answer = readHookAnswer(hookAnswer, await sendHook(call, { method: "POST", url, id, json: event }));
    return "identity" in answer && answer.identity === null ? [] : [answer as Agent];
  };
