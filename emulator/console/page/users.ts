import type { Push, Session } from "./api.ts";
import { chatAddress } from "./chat-user.ts";
import { make, partOf, sync } from "./dom.ts";
import { nowOf, type State } from "./state.ts";
import { timeOf } from "./text.ts";

/** The number of latest pushes that are shown per user. */
const mostPushes = 20;

/** Chat users who are online or received pushes, each with connections and pushes to expand. */
export function usersPart(state: State): () => void {
  const part = partOf("users", HTMLElement);
  const list = partOf("user-list", HTMLElement);
  const form = partOf("open-chat", HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { info } = state;
    const identity = String(new FormData(form).get("identity")).trim();
    if (info === undefined || identity === "") return;
    // Opened at once: after a pause, the browser blocks it as a pop-up.
    const tab = window.open("about:blank");
    void chatAddress(info, identity, nowOf(state)).then((url) => tab?.location.replace(url));
  });
  return () => {
    const { sessions, pushes, info } = state;
    form.hidden = info?.chatPage === undefined;
    const identities = [...new Set([...sessions, ...pushes].map(({ identity }) => identity))].toSorted();
    part.hidden = identities.length === 0 && form.hidden;
    const items = identities.map((identity) => {
      const theirs = sessions.filter((session) => session.identity === identity);
      const sent = pushes.filter((push) => push.identity === identity);
      const shows = [theirs, sent.length, sent.at(-1)?.at];
      return { key: identity, shows, make: () => userItem(identity, theirs, sent) };
    });
    sync(list, items);
  };
}

function userItem(identity: string, sessions: readonly Session[], pushes: readonly Push[]): HTMLElement {
  const isOnline = sessions.length > 0;
  const state = isOnline ? "online" : "offline";
  const summary = make(
    "summary",
    {},
    make("span", { class: `presence ${state}`, "aria-hidden": "true" }),
    make("b", {}, identity),
    make("small", {}, [isOnline ? `${state}, ${sessions.length}` : state, countOf(pushes)].join(" · ")),
  );
  const lines = [
    ...sessions.map((session) => make("li", {}, describeSession(session))),
    ...pushes.slice(-mostPushes).map((push) => make("li", {}, describePush(push))),
  ];
  return make("li", {}, make("details", {}, summary, make("ul", {}, ...lines)));
}

function describeSession({ sdkVersion, support, platform, since }: Session): string {
  return `SDK ${sdkVersion || "of unknown version"} (${support}) in ${platform || "unknown"}, since ${timeOf(since)}`;
}

function describePush({ at, messageType, bindingType, status }: Push): string {
  const kind = messageType.split(".").at(-1)?.replaceAll("_", " ");
  return `${timeOf(at)} push by ${bindingType}: ${kind}, ${status}`;
}

function countOf(pushes: readonly Push[]): string {
  return pushes.length === 1 ? "1 push" : `${pushes.length} pushes`;
}
