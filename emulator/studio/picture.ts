import type { Definition, FlowState, Transition } from "./definition.ts";

/** The progress of an execution. */
export interface Progress {
  /** The transitions that it took, as "state\nevent\nnext". */
  readonly taken: ReadonlySet<string>;
  /** The current state; undefined if it has ended. */
  readonly at: string | undefined;
}

interface Box {
  readonly state: FlowState;
  readonly rows: readonly Transition[];
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

const size = { width: 250, head: 48, row: 18, margin: 30 };

/** Names of events as Studio's editor shows them. */
const labels: Readonly<Record<string, string>> = {
  incomingMessage: "Reply",
  incomingConversationMessage: "Incoming conversation",
  incomingRequest: "REST API",
  incomingParent: "Subflow",
  incomingCall: "Incoming call",
  timeout: "No reply",
  deliveryFailure: "Delivery fails",
  noMatch: "No condition matches",
  "live-agent-handoff": "Live agent hand-off",
  callComplete: "Task created",
  failedToEnqueue: "Failed to enqueue",
};

/**
 * A flow as SVG: each state at its offset in the definition, with its transitions. Flows without offsets are laid out
 * in the order in which their states are reached.
 */
export function drawFlow(definition: Definition, progress?: Progress): string {
  const boxes = boxesOf(definition);
  const byName = new Map(boxes.map((box) => [box.state.name, box]));
  const left = Math.min(...boxes.map(({ x }) => x)) - size.margin;
  const top = Math.min(...boxes.map(({ y }) => y)) - size.margin;
  const width = Math.max(...boxes.map(({ x }) => x + size.width)) + size.margin - left;
  const height = Math.max(...boxes.map(({ y, height }) => y + height)) + size.margin - top;
  const title = escapeXml(definition.description ?? "A flow");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">`,
    `<title>${title}</title><style>${style}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect class="paper" x="${left}" y="${top}" width="${width}" height="${height}"/>`,
    ...boxes.flatMap((box) => edgesOf(box, byName, progress)),
    ...boxes.map((box) => drawBox(box, progress)),
    "</svg>",
  ].join("\n");
}

/** The key of a transition in {@link Progress.taken}. */
export function transitionKey(from: string, event: string, next: string): string {
  return `${from}\n${event}\n${next}`;
}

function boxesOf(definition: Definition): readonly Box[] {
  const positions = positionsOf(definition);
  return definition.states.map((state) => {
    const { x, y } = positions.get(state.name) ?? { x: 0, y: 0 };
    // A trigger also lists events that cannot occur.
    const rows = state.type === "trigger" ? state.transitions.filter(({ next }) => next) : state.transitions;
    return { state, rows, x, y, height: size.head + rows.length * size.row + 8 };
  });
}

interface Position {
  readonly x: number;
  readonly y: number;
}

function positionsOf({ states, initial_state }: Definition): ReadonlyMap<string, Position> {
  const given = states.map(
    ({ name, properties }) => [name, properties?.offset as Position | undefined] as const,
  );
  if (given.every(([, position]) => typeof position?.x === "number" && typeof position.y === "number"))
    return new Map(given.flatMap(([name, position]) => (position === undefined ? [] : [[name, position]])));
  const positions = new Map<string, Position>();
  let layer = [initial_state];
  for (let depth = 0; layer.length > 0; depth += 1) {
    for (const [at, name] of layer.entries())
      positions.set(name, { x: (at - (layer.length - 1) / 2) * (size.width + 60), y: depth * 200 });
    const next = states
      .filter(({ name }) => layer.includes(name))
      .flatMap(({ transitions }) => transitions.flatMap(({ next }) => next || []));
    layer = [...new Set(next)].filter((name) => !positions.has(name));
  }
  const lost = states.filter(({ name }) => !positions.has(name));
  const bottom = Math.max(...[...positions.values()].map(({ y }) => y)) + 200;
  for (const [at, { name }] of lost.entries()) positions.set(name, { x: at * (size.width + 60), y: bottom });
  return positions;
}

function edgesOf(box: Box, boxes: ReadonlyMap<string, Box>, progress: Progress | undefined): string[] {
  return box.rows.flatMap(({ event, next }, at) => {
    const target = boxes.get(next ?? "");
    if (target === undefined) return [];
    const y = box.y + size.head + at * size.row + size.row / 2;
    const isRight = target.x >= box.x;
    const x = isRight ? box.x + size.width : box.x;
    const [endX, endY] = [target.x + size.width / 2, target.y];
    const isTaken = progress?.taken.has(transitionKey(box.state.name, event, target.state.name));
    const side = isRight ? 1 : -1;
    const isBelow = target.x === box.x && endY > y;
    const path = isBelow
      ? `M${x} ${y}C${x + 90} ${y + 20} ${endX + 50} ${endY - 70} ${endX} ${endY - 2}`
      : `M${x} ${y}C${x + 50 * side} ${y} ${endX} ${Math.min(endY - 60, y + 60)} ${endX} ${endY - 2}`;
    return [`<path class="edge${isTaken ? " taken" : ""}" marker-end="url(#arrow)" d="${path}"/>`];
  });
}

function drawBox({ state, rows, x, y, height }: Box, progress: Progress | undefined): string {
  const { name, type } = state;
  const isVisited = [...(progress?.taken ?? [])].some((key) => key.startsWith(`${name}\n`));
  const mark = progress?.at === name ? " current" : isVisited ? " visited" : "";
  const lines = rows.map(({ event, next, conditions }, at) => {
    const [condition] = conditions ?? [];
    const label =
      condition === undefined ? (labels[event] ?? event) : condition.friendly_name || condition.value;
    const baseline = y + size.head + at * size.row + 13;
    return `<text class="event${next ? "" : " open"}" x="${x + 12}" y="${baseline}">${shorten(label, 34)}${next ? "" : " ·"}</text>`;
  });
  return [
    `<g class="state${mark}" data-name="${escapeXml(name)}">`,
    `<title>${escapeXml(`${name} (${type})\n${textOf(state)}`)}</title>`,
    `<rect x="${x}" y="${y}" width="${size.width}" height="${height}" rx="8"/>`,
    `<text class="name" x="${x + 12}" y="${y + 19}">${shorten(name, 28)}</text>`,
    `<text class="about" x="${x + 12}" y="${y + 37}">${shorten(textOf(state) || type, 35)}</text>`,
    ...lines,
    "</g>",
  ].join("");
}

/** The main text of a state. */
function textOf({ type, properties = {} }: FlowState): string {
  const { body, url, input, flow_sid } = properties;
  if (typeof url === "string") return url.replace(/^https?:\/\/[^/]*/, "") || url;
  const text = body ?? input ?? flow_sid;
  return typeof text === "string" ? text : type;
}

function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, " ");
  return escapeXml(line.length > length ? `${line.slice(0, length - 1)}…` : line);
}

function escapeXml(text: string): string {
  // Characters that XML 1.0 does not allow would make the picture invalid.
  return [...text]
    .filter((one) => one >= " " || one === "\n" || one === "\t")
    .join("")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const style = `
text{font:12px system-ui,sans-serif;fill:#1b2430}.name{font-weight:600;font-size:13px}.about{fill:#5a6675}
.event{font-size:11px}.open{fill:#8893a1}.paper{fill:#f6f8fa}.tip{fill:#8b98a8}
.state rect{fill:#fff;stroke:#c3ccd6}.edge{fill:none;stroke:#8b98a8;stroke-width:1.5}
.visited rect{fill:#e8f5ec;stroke:#2e8b57}.current rect{fill:#fff4d6;stroke:#d08700;stroke-width:2.5}
.taken{stroke:#2e8b57;stroke-width:3}
@media (prefers-color-scheme:dark){text{fill:#e6ebf1}.about{fill:#a3afbd}.open{fill:#7d8997}.paper{fill:#12171d}
.state rect{fill:#1d242d;stroke:#3a4552}.visited rect{fill:#16321f;stroke:#4fb97c}.current rect{fill:#3a2c08;stroke:#f0ad1c}}
`.replaceAll("\n", "");
