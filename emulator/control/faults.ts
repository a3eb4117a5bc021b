import { describeFault } from "../faults/fault.ts";
import type { Router } from "../http/router.ts";
import type { ControlHandler } from "./call.ts";
import { ControlError, parseJson } from "./input.ts";

const list: ControlHandler = ({ runtime }) => ({
  status: 200,
  body: { faults: runtime.faults.all().map(describeFault) },
});

const add: ControlHandler = ({ runtime, body }) => ({
  status: 201,
  body: describeFault(runtime.faults.add(parseJson(body))),
});

const remove: ControlHandler = ({ runtime, params }) => {
  const id = params.get("id") ?? "";
  if (!runtime.faults.remove(id)) throw new ControlError(404, `There is no fault ${id}`);
  return { status: 200, body: { removed: 1 } };
};

const removeAll: ControlHandler = ({ runtime: { faults } }) => {
  const all = faults.all();
  for (const { id } of all) faults.remove(id);
  return { status: 200, body: { removed: all.length } };
};

/** Adds the routes to add, list and remove faults. */
export function addFaultRoutes(router: Router<ControlHandler>): void {
  router.add("GET", "/_emulator/faults", list);
  router.add("POST", "/_emulator/faults", add);
  router.add("DELETE", "/_emulator/faults", removeAll);
  router.add("DELETE", "/_emulator/faults/{id}", remove);
}
