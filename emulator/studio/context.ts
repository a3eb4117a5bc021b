import type { Execution, Frame, JsonObject } from "./model.ts";

/** The variables of an execution, as templates read them: `trigger`, `widgets`, `flow` and `contact`. */
export function variablesOf({ sid, flow, party, channel }: Execution, frame: Frame): JsonObject {
  return {
    trigger: frame.trigger,
    widgets: Object.fromEntries(frame.widgets),
    flow: {
      // At Twilio `sid` is that of the execution.
      sid,
      flow_sid: flow.sid,
      channel: { address: party.address, ...channel },
      data: frame.data,
      variables: Object.fromEntries(frame.variables),
    },
    contact: { channel: { address: party.contact } },
  };
}

/** The active frame: that of the flow or of its subflow. */
export function currentFrame({ frames }: Execution): Frame {
  const frame = frames.at(-1);
  if (frame === undefined) throw new Error("An execution has at least one frame");
  return frame;
}
