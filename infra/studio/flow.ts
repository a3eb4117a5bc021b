import { omitUndefined } from "../../core/omit-undefined.ts";

/** A transition of a step. Without `next` the flow ends. */
export interface Transition {
  readonly event: string;
  readonly next?: string;
  readonly conditions?: readonly {
    readonly friendly_name: string;
    readonly arguments: readonly string[];
    readonly type: string;
    readonly value: string;
  }[];
}

/** A named parameter of a step. */
export interface Parameter {
  readonly key: string;
  readonly value: string;
}

/** A widget with its position and transitions. */
export interface State {
  readonly name: string;
  readonly type: string;
  readonly transitions: readonly Transition[];
  readonly properties: {
    readonly offset?: { readonly x: number; readonly y: number };
    readonly url?: string;
    readonly body?: string;
    readonly input?: string;
    readonly flow_sid?: string;
    readonly parameters?: readonly Parameter[];
    readonly variables?: readonly Parameter[];
  };
}

/** A flow as Studio imports it (docs: Connecting Studio to Conversations, "Importing Flow Data from JSON"). */
export interface Flow {
  readonly description: string;
  readonly states: readonly State[];
  readonly initial_state: string;
  readonly flags: { readonly allow_concurrent_calls: boolean };
}

/** The deployment, and how Studio calls its endpoints. */
export type Deployment =
  | { readonly widget: "make-http-request"; readonly baseUrl: string }
  | {
      readonly widget: "run-function";
      readonly baseUrl: string;
      /** The Functions service and environment for Studio's editor: `ZS…` and `ZE…`. */
      readonly service?: { readonly serviceSid: string; readonly environmentSid: string };
    };

/** Placeholder for the deployment in the flows of this folder. */
export const PLACEHOLDER = "https://parley.invalid";

/** Placeholder for the SID of the subflow `whatsapp-opt-in` in the flows of this folder. */
export const SUBFLOW = "FW00000000000000000000000000000000";

/**
 * Points a flow at a deployment. Functions of Twilio are called by Run Function, everything else by Make HTTP Request;
 * both send the parameters as a form, which Twilio signs, so that a flow contains no secret.
 */
export const pointFlowAt = (flow: Flow, deployment: Deployment): Flow => ({
  ...flow,
  states: flow.states.map((state) => (state.type === "run-function" ? stepAt(state, deployment) : state)),
});

function stepAt(state: State, deployment: Deployment): State {
  const { offset, parameters } = state.properties;
  const properties = {
    url: (state.properties.url ?? "").replace(PLACEHOLDER, deployment.baseUrl),
    ...omitUndefined({ parameters, offset }),
  };
  if (deployment.widget === "run-function") {
    const { service } = deployment;
    const sids = service && { service_sid: service.serviceSid, environment_sid: service.environmentSid };
    return { ...state, properties: { ...sids, ...properties } };
  }
  const form = { method: "POST", content_type: "application/x-www-form-urlencoded;charset=utf-8" };
  return {
    ...state,
    type: "make-http-request",
    transitions: state.transitions.map((one) => (one.event === "fail" ? { ...one, event: "failed" } : one)),
    properties: { ...form, ...properties },
  };
}
