import { post, reasonOf, type WebhookAttempt } from "./api.ts";
import { make, partOf, sync } from "./dom.ts";
import { mostWebhooks, type State } from "./state.ts";
import { durationOf, timeOf } from "./text.ts";

/** The area of the webhook log, latest first; each entry can be expanded. */
export function webhooksArea(state: State): () => void {
  const list = partOf("webhook-list", HTMLElement);
  const empty = partOf("webhooks-empty", HTMLElement);
  const hint = partOf("webhooks-hint", HTMLElement);
  const count = partOf("webhooks-count", HTMLElement);

  return () => {
    const { webhooks, info } = state;
    empty.hidden = webhooks.length > 0;
    list.hidden = webhooks.length === 0;
    hint.textContent = `curl -X POST ${info?.url}/v1/Configuration/Webhooks \\\n  -u ${info?.accountSid}:${info?.authToken} \\\n  -d PostWebhookUrl=http://127.0.0.1:3000/hook`;
    count.textContent =
      webhooks.length < mostWebhooks ? `${webhooks.length || ""}` : `latest ${mostWebhooks}`;
    const items = webhooks.toReversed().map((attempt) => {
      const { id, at, durationMs } = attempt;
      // An entry never changes, but after a reset there is another one of the same id.
      return { key: String(id), shows: [at, durationMs], make: () => entry(attempt) };
    });
    sync(list, items);
  };
}

function entry(attempt: WebhookAttempt): HTMLElement {
  const { at, event, scope, request, durationMs } = attempt;
  const path = URL.canParse(request.url) ? new URL(request.url).pathname : request.url;
  const summary = make(
    "summary",
    {},
    make("span", { class: "line" }, make("b", {}, event), statusBadge(attempt)),
    make("span", { class: "target", title: request.url }, `${request.method} ${path}`),
    make("small", {}, [timeOf(at), durationOf(durationMs), scope, ...repeatOf(attempt)].join(" · ")),
  );
  const details = make("details", {}, summary);
  // Built only when it is expanded.
  details.addEventListener("toggle", () => details.append(...contentOf(attempt)), { once: true });
  return make("li", {}, details);
}

/** Whether it repeats another attempt, and why. */
function repeatOf({ retryCount, redeliveryOf }: WebhookAttempt): string[] {
  if (redeliveryOf !== null) return ["sent again"];
  return retryCount > 0 ? [`retry ${retryCount}`] : [];
}

function statusBadge({ response, error }: WebhookAttempt): HTMLElement {
  const kind = error === null ? "good" : "bad";
  return make(
    "span",
    { class: `status ${kind}` },
    response === null ? "no response" : String(response.status),
  );
}

function contentOf({ id, request, response, error }: WebhookAttempt): HTMLElement[] {
  const { url, method, headers, body } = request;
  const form = new URLSearchParams(method === "GET" ? url.split("?")[1] : body);
  const answer = response === null ? "None." : `${response.status}\n${pretty(response.body)}`;
  return [
    make("h4", {}, "Response"),
    make("pre", { tabindex: "0" }, answer.trimEnd()),
    ...(error === null ? [] : [make("p", { class: "error" }, `${error.code}: ${error.message}`)]),
    sendAgain(id),
    make("h4", {}, "Request"),
    make("p", { class: "url" }, `${method} ${url}`),
    table(method === "GET" ? "Parameters" : "Body", [...form]),
    table("Headers", Object.entries(headers)),
  ];
}

function table(caption: string, rows: readonly (readonly [string, string])[]): HTMLElement {
  const lines = rows.map(([name, value]) =>
    make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)),
  );
  return make("table", {}, make("caption", {}, caption), make("tbody", {}, ...lines));
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function sendAgain(id: number): HTMLElement {
  const button = make("button", { type: "button" }, "Send again");
  const note = make("span", { class: "note", role: "status" });
  button.addEventListener("click", async () => {
    note.textContent = await post(`/webhooks/${id}/redeliver`).then(
      () => " Sent again.",
      (error: unknown) => ` ${reasonOf(error)}`,
    );
  });
  return make("p", {}, button, note);
}
