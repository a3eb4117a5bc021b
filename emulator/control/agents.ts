import * as v from "valibot";
import { addParticipant, emptyParticipant } from "../domain/participants.ts";
import { closed, flag, InputError, listOf, oneOf, optional, text, texts } from "../input.ts";
import { byStudio, conversationOf } from "../studio/channel.ts";
import type { Json, JsonObject, Task } from "../studio/model.ts";
import { isObject } from "../studio/widget.ts";
import type { ControlHandler } from "./call.ts";
import { ControlError, readBody } from "./input.ts";

const scriptLine = closed({
  when: texts,
  say: v.string("must be text"),
  handoff: optional(v.custom<JsonObject>((value) => isObject(value as Json), "must be an object")),
  ends: v.nullish(flag, false),
});

const agentInput = closed({
  name: text,
  welcome: optional(text),
  script: v.nullish(listOf(scriptLine), []),
  otherwise: optional(text),
});

const taskInput = closed({ status: oneOf(["assigned", "completed"]), identity: optional(text) });

/** The virtual agents that flows can connect, with their scripts. */
export const listAgents: ControlHandler = ({ runtime }) => ({
  status: 200,
  body: { agents: [...runtime.studio.state.agents.values()] },
});

/** Adds a virtual agent, or replaces the script of that name. */
export const setAgent: ControlHandler = ({ runtime, body }) => {
  const { name, welcome = "", script, otherwise = "" } = readBody(body, agentInput);
  const agent = {
    name,
    welcome,
    script: script.map((line) => ({ ...line, handoff: line.handoff })),
    otherwise,
  };
  runtime.studio.state.agents.set(name, agent);
  return { status: 201, body: agent };
};

/** The tasks that flows have sent to Flex, oldest first. */
export const listTasks: ControlHandler = ({ runtime }) => ({
  status: 200,
  body: { tasks: [...runtime.studio.state.tasks.values()].map(present) },
});

/** A person accepts a task, and so joins its conversation, or completes it. */
export const changeTask: ControlHandler = async ({ runtime: { resources, studio }, params, body }) => {
  const task = studio.state.tasks.get(params.get("sid") ?? "");
  if (task === undefined) throw new ControlError(404, `There is no task ${params.get("sid")}`);
  const { status, identity } = readBody(body, taskInput);
  if (status === "assigned") {
    if (task.status !== "pending") throw new ControlError(409, `The task is ${task.status}`);
    if (identity === undefined) throw new InputError("identity", "is required");
    const conversation = conversationOf(resources, task.conversationSid ?? "");
    if (conversation !== undefined && !conversation.participantsByIdentity.has(identity))
      await addParticipant(resources, conversation, { ...emptyParticipant, identity }, byStudio);
    task.worker = identity;
  }
  task.status = status;
  return { status: 200, body: present(task) };
};

function present({ seq: _seq, ...task }: Task) {
  return { ...task, conversationSid: task.conversationSid ?? null, worker: task.worker ?? null };
}
