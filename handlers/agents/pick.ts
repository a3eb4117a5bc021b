import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { addAgent } from "../../core/agents/add.ts";
import { agents } from "../../core/agents/agent.ts";
import { candidatesFor, choice } from "../../core/agents/choose.ts";
import { agentFacts } from "../../core/agents/facts.ts";
import { Conflict } from "../../core/errors.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { conversationKey, requireOwn, wordList } from "../../core/input.ts";
import { orNull } from "../../core/or-null.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { inTurn } from "../../core/state/turn.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError } from "../../core/twilio/errors.ts";
import { targetOf } from "../../core/twilio/target.ts";

const LIST = "must be identities separated by commas, or a JSON list of agents";

/**
 * Picks an agent for a conversation by a rule, and adds them. In a group text the agent gets a projected address without an
 * identity, or their own.
 *
 * Safe to call again: the agent is recognized by the participant's record, and is returned even if the rule would now choose
 * another one. Concurrent calls for one conversation wait for each other. Those for several conversations do not: they may
 * choose the same agent.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, agentFacts, state },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
    /** Whether this deployment must have created it; otherwise a 409. For unique names that a chat user could guess. */
    requireOwn: requireOwn(),
    /**
     * The agents to choose from, at most 20: identities separated by commas, or a JSON list of identities,
     * `{"identity":"…","projectedAddress":"+1…"}` and `{"address":"+1…","proxyAddress":"+1…"}`.
     */
    agents: v.pipe(
      v.union([v.string(), v.array(v.unknown())], LIST),
      v.description("identities separated by commas, or a JSON list of agents"),
      v.rawTransform(({ dataset: { value }, addIssue, NEVER }): unknown[] => {
        const list = typeof value === "string" ? listIn(value) : value;
        if (list !== undefined) return list;
        addIssue({ message: LIST });
        return NEVER;
      }),
      agents(),
    ),
    /** The rule. `fixed` takes the first agent that can be added. */
    rule: choice.rule,
  }),
  mayBeRepeated: () => true,
  async run({ agents, rule, ...target }, { conversations, agentFacts, state, call, log }) {
    try {
      const { conversation, conversationSid } = await targetOf({ conversations, state }, target);
      if ((await conversation.fetch()).state === "closed") {
        const message = "A closed conversation stays closed. Create a new one.";
        throw new Conflict("conversation_closed", message, { field: "conversationSid" });
      }
      const added = await inTurn({ conversations, state, call, log }, conversationSid, () =>
        addAgent({ conversation, conversationSid, state, call }, () =>
          candidatesFor({ agents, rule }, conversationSid, agentFacts),
        ),
      );
      if (!("participant" in added)) return { status: added.status, conversationSid };
      const { sid, identity, messagingBinding } = added.participant;
      const answer = {
        status: added.status,
        conversationSid,
        participantSid: sidOf("MB", sid),
        /** The agent's identity, for a chat user. */
        identity: orNull(identity),
        /** The agent's address, for a person on a phone. */
        address: orNull<string>(messagingBinding?.address),
      };
      return new Reply(added.status === "added" ? 201 : 200, answer);
    } catch (error) {
      throw explainTwilioError(error, { field: "agents", missingField: "conversationSid" });
    }
  },
});

/** Parses a list from text: JSON, or words separated by commas. */
function listIn(text: string): unknown[] | undefined {
  const isJson = /^\s*\[/.test(text);
  const read = v.safeParse(
    isJson ? v.pipe(v.string(), v.parseJson(), v.array(v.unknown())) : wordList(),
    text,
  );
  return read.success ? read.output : undefined;
}
