import { describeFault } from "../faults/fault.ts";
import type { ControlHandler } from "./call.ts";
import { ControlError, parseJson } from "./input.ts";

/** All faults. */
export const listFaults: ControlHandler = ({ runtime }) => ({
  status: 200,
  body: { faults: runtime.faults.all().map(describeFault) },
});

/** Adds a fault. */
export const addFault: ControlHandler = ({ runtime, body }) => ({
  status: 201,
  body: describeFault(runtime.faults.add(parseJson(body))),
});

/** Removes one fault. */
export const removeFault: ControlHandler = ({ runtime, params }) => {
  const id = params.get("id") ?? "";
  if (!runtime.faults.remove(id)) throw new ControlError(404, `There is no fault ${id}`);
  return { status: 200, body: { removed: 1 } };
};

/** Removes all faults. */
export const removeFaults: ControlHandler = ({ runtime: { faults } }) => {
  const all = faults.all();
  for (const { id } of all) faults.remove(id);
  return { status: 200, body: { removed: all.length } };
};
