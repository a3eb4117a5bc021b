import { channelOf } from "../../domain/address.ts";
import { isSid } from "../../sid.ts";
import { handOff } from "../channel.ts";
import type { Execution, JsonObject } from "../model.ts";
import { isObject, type Outcome, parseJson, type Visit, type Widget } from "../widget.ts";

const longestAttributes = 1024;

/**
 * Creates a task for a person and continues at once ("Send to Flex widget"). From then on the
 * flow neither receives nor sends messages of the conversation.
 */
export const sendToFlex: Widget = {
  properties: {
    workflow: "text",
    channel: "text",
    attributes: "text",
    priority: "text",
    timeout: "text",
    waitUrl: "text",
    waitUrlMethod: "text",
  },
  required: ["workflow", "channel"],
  events: ["callComplete", "failedToEnqueue", "callFailure", "composerStarted"],
  enter(visit) {
    const { resources, studio, execution } = visit;
    const attributes = attributesOf(visit);
    if (typeof attributes === "string") return failure(visit, attributes);
    const [workflowSid, channelSid] = [visit.text("workflow"), visit.text("channel")];
    if (!isSid("WW", workflowSid)) return failure(visit, `${workflowSid} is not the SID of a workflow`);
    if (!isSid("TC", channelSid)) return failure(visit, `${channelSid} is not the SID of a task channel`);
    const sid = resources.ids.sid("WT");
    studio.tasks.add({
      sid,
      seq: studio.tasks.nextSeq(),
      workflowSid,
      channelSid,
      attributes: { ...attributes, ...customerOf(execution) },
      priority: Number(visit.text("priority") || 0),
      executionSid: execution.sid,
      conversationSid: execution.party.conversationSid,
      status: "pending",
      worker: undefined,
      dateCreated: resources.clock.now(),
    });
    handOff(resources, execution);
    return {
      event: "callComplete",
      result: {
        sid,
        channel: { type: "conversation", sid: channelSid },
        routing: { workflow_sid: workflowSid },
      },
    };
  },
};

/** A JSON object, or the reason why it is not one. */
function attributesOf({ text }: Visit): JsonObject | string {
  const given = text("attributes");
  if (given.length > longestAttributes)
    return `the attributes are longer than ${longestAttributes} characters`;
  const json = given.trim() === "" ? {} : parseJson(given);
  return isObject(json) ? json : "the attributes are not a JSON object";
}

function customerOf({ party }: Execution): JsonObject {
  const { contact } = party;
  const channelType = channelOf(contact) ?? "web";
  return { channelType, customerAddress: contact, from: contact, name: contact, customerName: contact };
}

function failure({ state, note }: Visit, reason: string): Outcome {
  note(`${state.name}: ${reason}`);
  return { event: "failedToEnqueue" };
}
