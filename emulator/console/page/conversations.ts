import type { Conversation } from "./api.ts";
import { numberOf } from "./channels.ts";
import { countdowns, nameOf, sectionsOf, stateBadge, titleOf } from "./conversation.ts";
import { make, partOf, sync } from "./dom.ts";
import type { State } from "./state.ts";
import { timeOf } from "./text.ts";

/** The area of the conversations: all of them, or one that is open. `refresh` reads and shows anew. */
export function conversationsArea(state: State, refresh: () => Promise<void>): () => void {
  const area = partOf("conversations", HTMLElement);
  const list = partOf("conversation-list", HTMLElement);
  const detail = partOf("conversation", HTMLElement);
  const empty = partOf("conversations-empty", HTMLElement);
  const hint = partOf("conversations-hint", HTMLElement);
  const count = partOf("conversations-count", HTMLElement);

  const open = async (sid: string) => {
    state.openedSid = sid;
    await refresh();
    area.scrollTop = 0;
    detail.querySelector("h3")?.focus();
  };
  const back = async () => {
    const sid = state.openedSid;
    state.openedSid = undefined;
    await refresh();
    list.querySelector<HTMLElement>(`[data-sid="${sid}"]`)?.focus();
  };
  detail.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") void back();
  });

  return () => {
    const { opened, conversations, conversationCount, info } = state;
    empty.hidden = opened !== undefined || conversations.length > 0;
    hint.textContent = `curl -X POST ${info?.url}/v1/Conversations \\\n  -u ${info?.accountSid}:${info?.authToken} \\\n  -d FriendlyName=First`;
    count.textContent = countText(conversations.length, conversationCount);
    list.hidden = opened !== undefined;
    detail.hidden = opened === undefined;
    const rows = conversations.toReversed().map((conversation) => ({
      key: conversation.sid,
      shows: conversation,
      make: () => row(conversation, () => void open(conversation.sid)),
    }));
    sync(list, opened === undefined ? rows : []);
    sync(detail, opened === undefined ? [] : sectionsOf(opened, () => void back()));
  };
}

function countText(shown: number, total: number): string {
  if (total === 0) return "";
  return shown < total ? `latest ${shown} of ${total}` : String(total);
}

function row(conversation: Conversation, open: () => void): HTMLElement {
  const { sid, state, participants, lastMessage, messageCount } = conversation;
  const title = titleOf(conversation);
  const button = make("button", { type: "button", class: "row", "data-sid": sid });
  button.append(make("span", { class: "line" }, make("b", {}, title), stateBadge(state)));
  const people = participants.map(nameOf).join(", ");
  if (people !== title && people !== "") button.append(make("small", {}, people));
  if (lastMessage !== null) {
    const { author, body, dateCreated } = lastMessage;
    const text = body ?? (lastMessage.contentSid === null ? "[attachment]" : "[template]");
    const count = messageCount === 1 ? "1 message" : `${messageCount} messages`;
    button.append(make("span", { class: "snippet" }, `${numberOf(author)}: ${text}`));
    button.append(make("small", {}, `${count}, the last at ${timeOf(dateCreated)}`));
  }
  const timers = countdowns(conversation);
  if (timers.length > 0) button.append(make("small", {}, ...timers));
  button.addEventListener("click", open);
  return make("li", {}, button);
}
