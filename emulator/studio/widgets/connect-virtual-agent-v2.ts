import { ApiError } from "../../domain/errors.ts";
import { addMessage, emptyMessage } from "../../domain/messages.ts";
import {
  addParticipant,
  emptyParticipant,
  findParticipant,
  removeParticipant,
} from "../../domain/participants.ts";
import { byStudio, conversationOf } from "../channel.ts";
import type { JsonObject, ScriptLine, VirtualAgent } from "../model.ts";
import { isObject, type Outcome, type Visit, type Widget } from "../widget.ts";

/** How long an agent waits for the customer, in seconds, by default (assumed). */
const patience = 3600;

/**
 * Connects a virtual agent with the conversation until it hands off, ends or times out ("Connect Virtual Agent
 * widget", "Using Google Dialogflow CX with Conversations"). The agent answers by its script.
 */
export const connectVirtualAgent: Widget = {
  properties: {
    channel: ["voice", "conversations"],
    connector_name: "text",
    connector_details: "object",
    configurations: "list",
    parameters: "parameters",
    session_behavior: "text",
    resume_session_identification_method: "text",
    resume_session_identification_value: "text",
    resume_session_event_name: "text",
    status_callback: "text",
    status_callback_method: ["GET", "POST"],
    timeout: "integer",
  },
  required: [],
  events: ["completed", "live-agent-handoff", "failed", "timeout", "paused", "hangup"],
  async enter(visit) {
    const agent = agentOf(visit);
    const conversation = conversationIn(visit);
    if (visit.state.properties.channel === "voice") return failure(visit, "its channel is voice");
    if (conversation === undefined) return failure(visit, "there is no conversation");
    if (agent === undefined)
      return failure(visit, `there is no virtual agent ${connectorOf(visit)}: add one to the emulator`);
    const participant = findParticipant(conversation, agent.name);
    if (participant === undefined) {
      const input = { ...emptyParticipant, identity: agent.name };
      await addParticipant(visit.resources, conversation, input, byStudio);
    }
    if (agent.welcome === "") return answer(visit, agent, messageOf(visit.frame.trigger.conversation));
    await say(visit, agent, agent.welcome);
    return waits(visit, agent);
  },
  message(visit, { fields }) {
    const agent = agentOf(visit);
    if (agent === undefined) return failure(visit, "the virtual agent is gone");
    return answer(visit, agent, String(fields.Body ?? ""));
  },
  timeOut: ({ previous = {} }) => ({
    event: "timeout",
    result: { ...previous, VirtualAgentStatus: "timeout" },
  }),
};

/** The first line of the script whose words are in the message, case-insensitive, or its answer to everything else. */
async function answer(visit: Visit, agent: VirtualAgent, message: string): Promise<Outcome> {
  const text = message.toLowerCase();
  const otherwise: ScriptLine = { when: [], say: agent.otherwise, handoff: undefined, ends: false };
  const line =
    agent.script.find(({ when }) => when.some((words) => text.includes(words.toLowerCase()))) ?? otherwise;
  await say(visit, agent, line.say);
  if (line.handoff === undefined && !line.ends) return waits(visit, agent);
  await leave(visit, agent);
  const event = line.handoff === undefined ? "completed" : "live-agent-handoff";
  return { event, result: resultOf(visit, agent, event, line.handoff ?? {}) };
}

function waits(visit: Visit, agent: VirtualAgent): Outcome {
  const conversation = conversationIn(visit);
  const participant = conversation && findParticipant(conversation, agent.name);
  const seconds = Number(visit.state.properties.timeout ?? patience);
  return { waitMs: seconds * 1000, result: { ...visit.previous, ParticipantSid: participant?.sid ?? null } };
}

async function say(visit: Visit, agent: VirtualAgent, body: string): Promise<void> {
  const conversation = conversationIn(visit);
  if (conversation === undefined || body === "") return;
  try {
    await addMessage(visit.resources, conversation, { ...emptyMessage, author: agent.name, body }, byStudio);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    visit.note(`${visit.state.name}: ${error.code}: ${error.message}`);
  }
}

async function leave(visit: Visit, agent: VirtualAgent): Promise<void> {
  const conversation = conversationIn(visit);
  const participant = conversation && findParticipant(conversation, agent.name);
  if (participant !== undefined) await removeParticipant(visit.resources, participant, byStudio);
}

function resultOf(visit: Visit, agent: VirtualAgent, status: string, handoff: JsonObject): JsonObject {
  return {
    VirtualAgentProvider: agent.name,
    VirtualAgentStatus: status,
    VirtualAgentProviderData: {
      ConversationId: visit.frame.stepSid,
      EndUserId: visit.execution.party.contact,
      AgentHandoffParameters: handoff,
    },
  };
}

function failure({ state, note }: Visit, reason: string): Outcome {
  note(`${state.name}: ${reason}`);
  return { event: "failed", result: { VirtualAgentStatus: "failed", VirtualAgentError: reason } };
}

function agentOf(visit: Visit): VirtualAgent | undefined {
  return visit.studio.agents.get(connectorOf(visit));
}

function connectorOf({ text, state }: Visit): string {
  const details = state.properties.connector_details;
  return text("connector_name") || (isObject(details) ? String(details.name ?? "") : "");
}

function conversationIn({ resources, execution }: Visit) {
  return conversationOf(resources, execution.party.conversationSid ?? "");
}

function messageOf(fields: unknown): string {
  return isObject(fields) ? String(fields.Body ?? "") : "";
}
