import { type Deployment, type Flow, pointFlowAt } from "../../infra/studio/flow.ts";

const COPIED_MS = 2_000;

/** The address of the deployment, with the stage or base path of an API. */
const baseUrl = `${location.origin}${location.pathname.replace(/\/(assets\/index\.html)?$/, "")}`;
// Twilio's own functions are called by Run Function, whose requests need no setting.
const deployment: Deployment = {
  widget: location.hostname.endsWith(".twil.io") ? "run-function" : "make-http-request",
  baseUrl,
};

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}`);
  return found;
};

/** Gives a flow its buttons: the JSON, to copy and to save. */
function offer(item: HTMLElement, flow: Flow): void {
  const name = item.dataset.flow ?? "";
  const json = JSON.stringify(pointFlowAt(flow, deployment), null, 2);
  const actions = document.createElement("div");
  actions.className = "actions";
  const copy = document.createElement("button");
  copy.type = "button";
  copy.textContent = "Copy";
  copy.setAttribute("aria-label", `Copy ${name}`);
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(json);
    copy.textContent = "Copied";
    setTimeout(() => {
      copy.textContent = "Copy";
    }, COPIED_MS);
  });
  const save = document.createElement("a");
  save.textContent = "Save";
  save.setAttribute("aria-label", `Save ${name}`);
  save.download = name;
  save.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  // Browsers have a clipboard only at https: and at localhost.
  actions.append(...(navigator.clipboard === undefined ? [] : [copy]), save);
  item.append(actions);
}

element("base").textContent = baseUrl;
const chatUrl = `${baseUrl}/chat/index.html`;
element("description").setAttribute("href", `${baseUrl}/openapi.json`);
element("chat").setAttribute("href", chatUrl);
const flows: Readonly<Record<string, Flow>> = JSON.parse(element("data").textContent ?? "{}");
for (const item of document.querySelectorAll<HTMLElement>("[data-flow]")) {
  const flow = flows[item.dataset.flow ?? ""];
  if (flow !== undefined) offer(item, flow);
}
// Only Functions have it at the same address.
void fetch(chatUrl, { method: "HEAD" }).then(
  ({ ok }) => {
    element("chat").parentElement?.toggleAttribute("hidden", !ok);
  },
  () => undefined,
);
