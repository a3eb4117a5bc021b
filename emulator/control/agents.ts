import { objectEntries } from "../domain/content.ts";
import { addParticipant, emptyParticipant } from "../domain/participants.ts";
import { byStudio, conversationOf } from "../studio/channel.ts";
import type { Json, JsonObject, ScriptLine, Task } from "../studio/model.ts";
import { isObject } from "../studio/widget.ts";
import type { ControlHandler } from "./call.ts";
import { badField, ControlError, Input, parseJson } from "./input.ts";

/** The virtual agents that flows can connect, with their scripts. */
export const listAgents: ControlHandler = ({ runtime }) => ({
  status: 200,
  body: { agents: [...runtime.studio.state.agents.values()] },
});

/** Adds a virtual agent, or gives the one of that name another script. */
export const setAgent: ControlHandler = ({ runtime, body }) => {
  const input = new Input(body, ["name", "welcome", "script", "otherwise"]);
  const name = input.text("name");
  const agent = {
    name,
    welcome: input.optionalText("welcome") ?? "",
    script: scriptOf(body),
    otherwise: input.optionalText("otherwise") ?? "",
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
export const changeTask: ControlHandler = async ({ runtime: { world, studio }, params, body }) => {
  const task = studio.state.tasks.get(params.get("sid") ?? "");
  if (task === undefined) throw new ControlError(404, `There is no task ${params.get("sid")}`);
  const input = new Input(body, ["status", "identity"]);
  const status = input.oneOf("status", ["assigned", "completed"]);
  if (status === "assigned") {
    if (task.status !== "pending") throw new ControlError(409, `The task is ${task.status}`);
    const identity = input.text("identity");
    const conversation = conversationOf(world, task.conversationSid ?? "");
    if (conversation !== undefined && !conversation.participantsByIdentity.has(identity))
      await addParticipant(world, conversation, { ...emptyParticipant, identity }, byStudio);
    task.worker = identity;
  }
  task.status = status;
  return { status: 200, body: present(task) };
};

function present({ seq: _seq, ...task }: Task) {
  return { ...task, conversationSid: task.conversationSid ?? null, worker: task.worker ?? null };
}

/** `script`: a list of lines, each with `when` (words, one or several), `say`, `handoff` (an object) and `ends`. */
function scriptOf(body: string | undefined): readonly ScriptLine[] {
  const lines = objectEntries(parseJson(body))?.get("script") ?? [];
  if (!Array.isArray(lines)) throw badField("script", "must be a list of lines");
  return lines.map((line: Json, at) => {
    const field = `script[${at}]`;
    if (!isObject(line)) throw badField(field, 'must be an object such as {"when": ["price"], "say": "$5"}');
    return lineOf(field, line);
  });
}

function lineOf(field: string, { when, say, handoff, ends = false, ...others }: JsonObject): ScriptLine {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw badField(`${field}.${unknown}`, "unknown field; known are when, say, handoff, ends");
  const words = Array.isArray(when) ? when : [when];
  if (words.length === 0 || !words.every((word) => typeof word === "string" && word !== ""))
    throw badField(`${field}.when`, "must be a text, or a list of texts");
  if (typeof say !== "string") throw badField(`${field}.say`, "must be text");
  if (handoff !== undefined && !isObject(handoff)) throw badField(`${field}.handoff`, "must be an object");
  if (typeof ends !== "boolean") throw badField(`${field}.ends`, "must be true or false");
  return { when: words as string[], say, handoff, ends };
}
