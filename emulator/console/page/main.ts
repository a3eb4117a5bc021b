import { type Part, reasonOf } from "./api.ts";
import { clockBar } from "./clock-bar.ts";
import { conversationsArea } from "./conversations.ts";
import { partOf } from "./dom.ts";
import { listen } from "./live.ts";
import { phonesArea } from "./phones.ts";
import { emptyState, load } from "./state.ts";
import { showTime } from "./time.ts";
import { usersPart } from "./users.ts";
import { webhooksArea } from "./webhooks.ts";

const state = emptyState();
const pending = new Set<Part>();
let loading: Promise<void> | undefined;
let isConnected = false;

const renderers = [
  clockBar(state),
  phonesArea(state, () => refresh("phones")),
  conversationsArea(state, () => refresh("conversations")),
  webhooksArea(state),
  usersPart(state),
  () => showTime(state),
];

/** Reads parts again and shows them. Parts that change meanwhile are read once more, together. */
function refresh(...parts: readonly Part[]): Promise<void> {
  for (const part of parts) pending.add(part);
  loading ??= readPending();
  return loading;
}

async function readPending(): Promise<void> {
  try {
    while (pending.size > 0) {
      const parts = new Set(pending);
      pending.clear();
      await load(state, parts);
      for (const render of renderers) render();
    }
    showConnection();
  } catch (error) {
    // The next change, or the next connection, tries again.
    showConnection(reasonOf(error));
  } finally {
    loading = undefined;
  }
}

function showConnection(trouble = ""): void {
  const connection = partOf("connection", HTMLElement);
  const text = isConnected ? trouble || "Live" : "No connection to the emulator; trying again…";
  if (connection.textContent !== text) connection.textContent = text;
  connection.classList.toggle("live", text === "Live");
}

/** On a narrow page one area is in view at a time. */
function showArea(area: string): void {
  document.body.dataset.area = area;
  for (const button of document.querySelectorAll<HTMLElement>("[data-show]"))
    button.setAttribute("aria-current", String(button.dataset.show === area));
}

for (const button of document.querySelectorAll<HTMLElement>("[data-show]"))
  button.addEventListener("click", () => showArea(button.dataset.show ?? ""));
showArea("phones");
setInterval(() => showTime(state), 1000);
listen({
  changed: (parts) => void refresh(...parts),
  connected(isNow) {
    isConnected = isNow;
    showConnection();
  },
});
