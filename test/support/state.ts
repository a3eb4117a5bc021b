import { Call } from "../../core/call.ts";
import { createLog } from "../../core/log.ts";
import { type State, state } from "../../core/state/state.ts";

/** The records of a deployment with this secret, read and written as by its handlers. */
export const stateOf = (secret: string): State =>
  state.open({ STATE_SECRET: secret })(
    new Call("test", Date.now()),
    createLog(() => undefined, {}),
  );
