/** A condition of a split: argument, type and value. */
export interface Condition {
  readonly friendly_name: string;
  readonly arguments: readonly string[];
  readonly type: string;
  readonly value: string;
}

/** The next state after an event. Without `next`, or with an empty one, the flow ends. */
export interface Transition {
  readonly event: string;
  readonly next?: string;
  readonly conditions?: readonly Condition[];
}

/** A state: a widget with its transitions. */
export interface FlowState {
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly transitions: readonly Transition[];
}

/** A valid definition of a flow. */
export interface Definition {
  readonly description?: string;
  readonly states: readonly FlowState[];
  readonly initial_state: string;
}

/** The state with this name. */
export function stateOf({ states }: Definition, name: string): FlowState | undefined {
  return states.find((state) => state.name === name);
}
