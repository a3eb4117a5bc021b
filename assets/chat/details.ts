import type { Client, Conversation, Participant } from "@twilio/conversations";
import { read } from "./connection.ts";
import { ask, button, keepFocus, make, part } from "./dom.ts";
import { nameOf, userOf } from "./people.ts";
import { attemptChange } from "./problems.ts";
import { texts } from "./texts.ts";
import type { Thread } from "./thread.ts";

let latest = 0;

/**
 * Shows the participants of the open conversation and its actions.
 *
 * @param isShown Whether it is still the open one, and the panel visible.
 */
export async function showDetails(client: Client, thread: Thread, isShown: () => boolean): Promise<void> {
  latest += 1;
  const own = latest;
  const { conversation } = thread;
  const panel = part("details", HTMLElement);
  const participants = await read(() => conversation.getParticipants());
  const items = await Promise.all(
    participants.map((one) => participantItem(client, one, thread.addressOf(one.sid))),
  );
  if (own !== latest || !isShown()) return;
  const isMuted = conversation.notificationLevel === "muted";
  const again = () => (isShown() ? showDetails(client, thread, isShown) : undefined);
  const act = (name: string, label: string, change: () => Promise<unknown>) =>
    button(label, () => void attemptChange(change).then(again), { "data-focus": name });
  const actions = [
    act("add", texts.addPerson, () => addPerson(conversation)),
    act("rename", texts.rename, () => rename(conversation)),
    act("mute", isMuted ? texts.unmute : texts.mute, () =>
      conversation.setUserNotificationLevel(isMuted ? "default" : "muted"),
    ),
    button(texts.leave, () => void attemptChange(() => conversation.leave()), { "data-focus": "leave" }),
  ];
  const list = items.length > 0 ? make("ul", {}, ...items) : "";
  const heading = make("h3", {}, texts.participants);
  keepFocus(panel, () => panel.replaceChildren(heading, list, make("div", { class: "actions" }, ...actions)));
}

async function participantItem(
  client: Client,
  participant: Participant,
  address: string | undefined,
): Promise<HTMLLIElement> {
  const name = await nameOf(client, participant);
  if (participant.identity === null) {
    return make(
      "li",
      {},
      name ?? address ?? texts.unnamedPerson,
      make("small", {}, texts.onChannel(participant.type)),
    );
  }
  if (!client.reachabilityEnabled) return make("li", {}, name ?? participant.identity);
  const user = await userOf(client, participant.identity);
  const state = user?.isOnline ? "online" : "offline";
  return make("li", {}, name ?? participant.identity, make("small", { class: state }, texts[state]));
}

async function addPerson(conversation: Conversation): Promise<void> {
  const identity = await ask(texts.identityOfPerson);
  if (identity !== undefined) await conversation.add(identity);
}

async function rename(conversation: Conversation): Promise<void> {
  const name = await ask(texts.nameOfConversation, conversation.friendlyName ?? "");
  if (name !== undefined) await conversation.updateFriendlyName(name);
}
