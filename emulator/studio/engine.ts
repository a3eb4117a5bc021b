import type { Cancel } from "../clock.ts";
import { isoMillis } from "../dates.ts";
import { Collection } from "../domain/collection.ts";
import type { Resources } from "../domain/resources.ts";
import type { InFlight } from "../in-flight.ts";
import type { Sid } from "../sid.ts";
import type { Timeline } from "../timeline.ts";
import { widgets } from "./catalog.ts";
import { letGo } from "./channel.ts";
import { currentFrame, variablesOf } from "./context.ts";
import { type Definition, type FlowState, stateOf, type Transition } from "./definition.ts";
import type { WidgetHttp } from "./http.ts";
import { type Fill, loadLiquid } from "./liquid.ts";
import { failedDelivery } from "./messages.ts";
import type { Execution, Flow, Frame, Json, JsonObject, Party, Revision, StudioState } from "./model.ts";
import { definitionOf } from "./revisions.ts";
import type { Incoming, Outcome, SentText, TextMessage, Visit, Widget } from "./widget.ts";

/**
 * An execution's limits ("Studio FAQ"). `ended`: how many ended executions a flow keeps here, where Twilio keeps them for 30
 * days.
 */
const limits = { steps: 1000, inARow: 10, ms: 30 * 24 * 60 * 60 * 1000, ended: 100 };

/** The start of an execution. */
export interface Beginning {
  readonly key: string;
  readonly party: Party;
  /** The trigger's event. */
  readonly event: string;
  readonly trigger: JsonObject;
  readonly data: Json;
  readonly initiatedBy: string;
}

/** Dependencies of executions. */
export interface EngineOptions {
  readonly resources: () => Resources;
  readonly state: StudioState;
  readonly http: WidgetHttp;
  readonly inFlight: InFlight;
  readonly timeline: Timeline;
  readonly log: (message: string) => void;
  readonly sendText: (message: TextMessage) => SentText;
}

/** Invalid Liquid in a text of the flow. */
class TemplateError extends Error {}

/** Runs executions from state to state. Messages that arrive while a step runs are ignored. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #definitions = new WeakMap<Revision, Definition>();
  readonly #timeouts = new WeakMap<Execution, Cancel>();
  readonly #expiries = new WeakMap<Execution, Cancel>();
  readonly #runs = new WeakMap<Execution, Promise<void>>();
  #fill: Promise<Fill> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Starts an execution, which runs asynchronously. */
  start(flow: Flow, revision: Revision, { event, trigger, data, ...beginning }: Beginning): Execution {
    const resources = this.#options.resources();
    const now = resources.clock.now();
    const { initial_state } = this.#definition(revision);
    const subflow = { flowSid: flow.sid, revision: revision.seq, trigger, data };
    const execution: Execution = {
      sid: resources.ids.sid("FN"),
      seq: flow.executions.nextSeq(),
      flow,
      ...beginning,
      channel: {},
      status: "active",
      problem: undefined,
      frames: [newFrame(resources, subflow, initial_state, undefined)],
      steps: new Collection(),
      waiting: undefined,
      dateCreated: now,
      dateUpdated: now,
    };
    flow.executions.add(execution);
    flow.active.set(execution.key, execution);
    this.#tell(execution, "executionStarted", { event });
    this.#expire(execution);
    this.#drive(execution, () => ({ event }));
    return execution;
  }

  /** Passes a message to the step that waits. Returns false if none waits for a message. */
  receive(execution: Execution, incoming: Incoming): boolean {
    const { message } = this.#widgetOf(execution) ?? {};
    if (execution.waiting === undefined || message === undefined) return false;
    this.#proceed(execution, (visit) => message(visit, incoming));
    return true;
  }

  /** Ends the waiting step if its message has reached none of its recipients. */
  checkDelivery(execution: Execution): void {
    const { undelivered } = this.#widgetOf(execution) ?? {};
    if (execution.waiting === undefined || undelivered === undefined) return;
    const frame = currentFrame(execution);
    const receipt = failedDelivery(this.#options.resources(), execution, frame.widgets.get(frame.at));
    if (receipt !== undefined) this.#proceed(execution, (visit) => undelivered(visit, receipt));
  }

  /** Ends the waiting step with an event. Returns false if no step waits. */
  leave(execution: Execution, outcome: Outcome): boolean {
    if (execution.waiting === undefined) return false;
    this.#proceed(execution, () => outcome);
    return true;
  }

  /** Resolves when an execution waits or has ended. */
  async settled(execution: Execution): Promise<void> {
    await this.#runs.get(execution);
  }

  /** Ends an execution immediately. */
  end(execution: Execution, problem?: string): void {
    if (execution.status === "ended") return;
    const { log, resources } = this.#options;
    this.#stopWaiting(execution);
    this.#expiries.get(execution)?.();
    execution.status = "ended";
    execution.problem = problem;
    execution.dateUpdated = resources().clock.now();
    for (const [key, active] of execution.flow.active)
      if (active === execution) execution.flow.active.delete(key);
    letGo(resources(), execution);
    if (problem !== undefined) log(`studio ${execution.flow.sid} ${execution.sid}: ${problem}`);
    this.#tell(execution, "executionEnded", { problem });
    removeOldest(execution.flow);
  }

  /** Resumes a stored execution. A step that was running starts again. */
  resume(execution: Execution): void {
    this.#expire(execution);
    if (execution.waiting !== undefined) this.#planTimeOut(execution);
    else this.#drive(execution, () => this.#enter(execution));
  }

  /** Removes an ended execution. */
  forget(execution: Execution): void {
    this.end(execution);
    execution.flow.executions.delete(execution);
  }

  #proceed(execution: Execution, next: (visit: Visit) => Outcome | Promise<Outcome>): void {
    this.#stopWaiting(execution);
    this.#drive(execution, async () => next(await this.#visit(execution)));
  }

  #drive(execution: Execution, first: () => Outcome | Promise<Outcome>): void {
    this.#runs.set(execution, this.#options.inFlight.track(this.#run(execution, first)));
  }

  async #run(execution: Execution, first: () => Outcome | Promise<Outcome>): Promise<void> {
    let act: typeof first | undefined = first;
    while (act !== undefined && execution.status === "active") {
      const outcome = await this.#attempt(execution, act);
      act = execution.status === "active" ? this.#apply(execution, outcome) : undefined;
    }
  }

  /** Runs a step; an error in it ends the execution. */
  async #attempt(execution: Execution, act: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    try {
      // Asynchronous: a flow starts after the request or message that started it is complete.
      await undefined;
      return await act();
    } catch (error) {
      const subflow = currentFrame(execution).at;
      if (error instanceof TemplateError) return { problem: `${subflow}: ${error.message}` };
      this.#options.log(`defect: ${subflow}: ${error instanceof Error ? error.stack : error}`);
      return { problem: `${subflow}: internal error; the log has more` };
    }
  }

  /** Applies the outcome of a step. Returns the next state; undefined if the execution waits or has ended. */
  #apply(execution: Execution, outcome: Outcome): (() => Outcome | Promise<Outcome>) | undefined {
    const frame = currentFrame(execution);
    const resources = this.#options.resources();
    execution.dateUpdated = resources.clock.now();
    if ("problem" in outcome) {
      this.end(execution, outcome.problem);
      return undefined;
    }
    if ("subflow" in outcome) return this.#descend(execution, outcome.subflow);
    if (outcome.result !== undefined) frame.widgets.set(frame.at, outcome.result);
    if ("waitMs" in outcome) return this.#wait(execution, outcome.waitMs);
    const next = this.#leave(execution, frame, outcome);
    if (next !== undefined) return () => this.#enter(execution);
    if (execution.frames.length === 1) {
      this.end(execution);
      return undefined;
    }
    execution.frames = execution.frames.slice(0, -1);
    return () => ({ event: "completed", result: Object.fromEntries(frame.variables) });
  }

  /** Stores the step, and moves to the next state, if any. */
  #leave(execution: Execution, frame: Frame, { event, branch }: Leaving): string | undefined {
    const { clock, ids } = this.#options.resources();
    const state = this.#stateOf(frame);
    const transition: Transition | undefined =
      branch === undefined
        ? state?.transitions.find((one) => one.event === event)
        : state?.transitions[branch];
    const next = transition?.next || undefined;
    execution.steps.add({
      sid: frame.stepSid,
      seq: execution.steps.nextSeq(),
      event,
      from: frame.at,
      to: next ?? "Ended",
      type: state?.type ?? "",
      parentStepSid: frame.parentStepSid,
      context: JSON.stringify(variablesOf(execution, frame)),
      dateCreated: clock.now(),
    });
    this.#tell(execution, "step", { from: frame.at, event, to: next ?? "Ended" });
    if (next === undefined) return undefined;
    frame.inARow = next === frame.at ? frame.inARow + 1 : 1;
    frame.at = next;
    frame.stepSid = ids.sid("FT");
    return next;
  }

  async #enter(execution: Execution): Promise<Outcome> {
    const frame = currentFrame(execution);
    const state = this.#stateOf(frame);
    if (execution.steps.size >= limits.steps) return { problem: `more than ${limits.steps} steps` };
    if (frame.inARow > limits.inARow)
      return { problem: `${frame.at}: came here more than ${limits.inARow} times in a row` };
    const widget = this.#widgetOf(execution);
    if (state === undefined || widget === undefined)
      return { problem: `${frame.at}: not emulated: the widget ${state?.type}` };
    return widget.enter(await this.#visit(execution));
  }

  #descend(execution: Execution, subflow: Subflow): (() => Outcome) | undefined {
    const { resources, state } = this.#options;
    const revision = state.flows.get(subflow.flowSid)?.revisions.get(String(subflow.revision));
    if (revision === undefined) return () => ({ event: "failed" });
    const { initial_state } = this.#definition(revision);
    const frame = newFrame(resources(), subflow, initial_state, currentFrame(execution).stepSid);
    execution.frames = [...execution.frames, frame];
    return () => ({ event: "incomingParent" });
  }

  #wait(execution: Execution, ms: number | undefined): undefined {
    const now = this.#options.resources().clock.now();
    execution.waiting = { since: now, until: ms === undefined ? undefined : now + ms };
    this.#planTimeOut(execution);
    this.#tell(execution, "waiting", { at: currentFrame(execution).at, until: execution.waiting.until });
    // The delivery may have failed before.
    this.checkDelivery(execution);
  }

  #planTimeOut(execution: Execution): void {
    const { timeOut } = this.#widgetOf(execution) ?? {};
    const until = execution.waiting?.until;
    if (until === undefined || timeOut === undefined) return;
    const cancel = this.#options.resources().clock.schedule(until, () => this.#proceed(execution, timeOut));
    this.#timeouts.set(execution, cancel);
  }

  #stopWaiting(execution: Execution): void {
    this.#timeouts.get(execution)?.();
    execution.waiting = undefined;
  }

  #expire(execution: Execution): void {
    const { clock } = this.#options.resources();
    const cancel = clock.schedule(execution.dateCreated + limits.ms, () =>
      this.end(execution, "an execution lives for 30 days"),
    );
    this.#expiries.set(execution, cancel);
  }

  async #visit(execution: Execution): Promise<Visit> {
    const { http, sendText, log } = this.#options;
    const resources = this.#options.resources();
    this.#fill ??= loadLiquid(resources.clock);
    const render = await this.#fill;
    const frame = currentFrame(execution);
    const state = this.#stateOf(frame);
    if (state === undefined) throw new Error(`The flow has no state ${frame.at}`);
    const fill = (text: string) => {
      try {
        return render(text, variablesOf(execution, frame));
      } catch (error) {
        throw new TemplateError(error instanceof Error ? error.message : String(error));
      }
    };
    return {
      execution,
      frame,
      state,
      resources,
      studio: this.#options.state,
      previous: frame.widgets.get(frame.at),
      fill,
      text: (property) => fill(String(state.properties[property] ?? "")),
      request: async (request) => {
        const answer = await http.send(resources.account.authToken, request);
        const result = "error" in answer ? { error: answer.error } : { status: answer.status };
        this.#tell(execution, "request", {
          at: frame.at,
          method: request.method,
          url: request.url,
          ...result,
        });
        return answer;
      },
      sendText,
      note: (message) => {
        log(`studio ${execution.flow.sid} ${execution.sid}: ${message}`);
        this.#tell(execution, "note", { message });
      },
    };
  }

  #tell(execution: Execution, type: string, about: Readonly<Record<string, unknown>>): void {
    const { timeline, resources } = this.#options;
    const { sid: executionSid, flow, party } = execution;
    timeline.add({
      at: isoMillis(resources().clock.now()),
      kind: "studio",
      type,
      flowSid: flow.sid,
      executionSid,
      conversationSid: party.conversationSid,
      ...about,
    });
  }

  #widgetOf(execution: Execution): Widget | undefined {
    return widgets.get(this.#stateOf(currentFrame(execution))?.type ?? "");
  }

  #stateOf({ flowSid, revision, at }: Frame): FlowState | undefined {
    const found = this.#options.state.flows.get(flowSid)?.revisions.get(String(revision));
    return found === undefined ? undefined : stateOf(this.#definition(found), at);
  }

  #definition(revision: Revision): Definition {
    const known = this.#definitions.get(revision) ?? definitionOf(revision);
    this.#definitions.set(revision, known);
    return known;
  }
}

/** Removes the oldest ended executions of a flow, so that their number is bounded. */
function removeOldest({ executions, active }: Flow): void {
  let excess = executions.size - new Set(active.values()).size - limits.ended;
  if (excess <= 0) return;
  for (const execution of [...executions.upFrom(0)]) {
    if (excess === 0) return;
    if (execution.status === "active") continue;
    executions.delete(execution);
    excess--;
  }
}

type Leaving = Extract<Outcome, { event: string }>;
type Subflow = Extract<Outcome, { subflow: unknown }>["subflow"];

function newFrame(
  resources: Resources,
  subflow: Subflow,
  initialState: string,
  parentStepSid: Sid<"FT"> | undefined,
): Frame {
  return {
    ...subflow,
    parentStepSid,
    variables: new Map(),
    widgets: new Map(),
    at: initialState,
    stepSid: resources.ids.sid("FT"),
    inARow: 1,
  };
}
