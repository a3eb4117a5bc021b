import { type FlowDetail, type FlowExecution, type FlowStep, read, reasonOf } from "./api.ts";
import { type Item, make, partOf, sync } from "./dom.ts";
import { listen } from "./live.ts";
import { emptyState, load } from "./state.ts";
import { timeOf } from "./text.ts";
import { showTime } from "./time.ts";

/* A flow as a picture, with the steps of one of its executions, live. */

const query = new URLSearchParams(location.search);
const flowSid = query.get("flow") ?? "";
const clock = emptyState();
/** The execution of the query; otherwise the newest one. */
let chosen = query.get("execution");
let isLoading = false;
let isStale = false;

const name = partOf("flow-name", HTMLElement);
const drawing = partOf("drawing", HTMLImageElement);
const executions = partOf("executions", HTMLSelectElement);
const standing = partOf("standing", HTMLElement);
const steps = partOf("steps", HTMLElement);
const connection = partOf("connection", HTMLElement);

function refresh(): void {
  isStale = true;
  if (!isLoading) void readAgain();
}

async function readAgain(): Promise<void> {
  isLoading = true;
  try {
    while (isStale) {
      isStale = false;
      await load(clock, new Set(["clock"] as const));
      show(await read<FlowDetail>(`/flows/${encodeURIComponent(flowSid)}?last=50`));
    }
    connection.textContent = "Live";
    connection.classList.add("live");
  } catch (error) {
    connection.textContent = reasonOf(error);
    connection.classList.remove("live");
  } finally {
    isLoading = false;
  }
}

function show(flow: FlowDetail): void {
  name.textContent = flow.friendlyName;
  document.title = `${flow.friendlyName} – Parley console`;
  const execution = flow.executions.find(({ sid }) => sid === chosen) ?? flow.executions[0];
  sync(executions, flow.executions.map(optionOf));
  if (execution !== undefined) executions.value = execution.sid;
  executions.disabled = flow.executions.length === 0;
  standing.replaceChildren(...standingOf(execution));
  sync(steps, (execution?.steps ?? []).map(stepOf));
  // An image is loaded again only from another URL.
  const progress = execution && `${execution.steps.length}-${execution.status}`;
  const query = execution === undefined ? "" : `?execution=${execution.sid}&progress=${progress}`;
  const source = `/_emulator/flows/${encodeURIComponent(flowSid)}/picture${query}`;
  if (drawing.getAttribute("src") !== source) drawing.src = source;
  drawing.alt = execution?.at ? `The flow is at ${execution.at}` : `The flow ${flow.friendlyName}`;
  showTime(clock);
}

function optionOf({ sid, dateCreated, contact, status }: FlowExecution): Item {
  const text = `${timeOf(dateCreated)} · ${contact} · ${status}`;
  return { key: sid, shows: text, make: () => make("option", { value: sid }, text) };
}

/** The current state of an execution, and until when it waits. */
function standingOf(execution: FlowExecution | undefined): (Node | string)[] {
  if (execution === undefined) return ["No executions yet."];
  const { at, waitsUntil, problem, status } = execution;
  if (problem !== null) return [make("span", { class: "error" }, problem)];
  if (status === "ended") return ["It has ended."];
  if (waitsUntil === null) return [make("b", {}, at ?? "")];
  const left = make("b", { "data-until": waitsUntil });
  return [make("b", {}, at ?? ""), make("span", { class: "countdown" }, " waits at most ", left)];
}

function stepOf(step: FlowStep): Item {
  const { sid, from, event, to, parentStepSid, at } = step;
  const text = `${parentStepSid === null ? "" : "↳ "}${from}: ${event} → ${to}`;
  const element = () => {
    const details = make("details", {}, make("summary", {}, text, " ", make("small", {}, timeOf(at))));
    // Built only when it is expanded.
    const context = () =>
      details.append(make("pre", { tabindex: "0" }, JSON.stringify(step.context, null, 2)));
    details.addEventListener("toggle", context, { once: true });
    return make("li", {}, details);
  };
  return { key: sid, shows: text, make: element };
}

executions.addEventListener("change", () => {
  chosen = executions.value;
  refresh();
});
setInterval(() => showTime(clock), 1000);
listen({
  changed: (parts) => {
    if (parts.some((part) => part === "studio" || part === "clock")) refresh();
  },
  connected: (isNow) => {
    if (!isNow) connection.textContent = "No connection to the emulator; trying again…";
  },
});
