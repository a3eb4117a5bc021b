import type { Conversation, Participant } from "../domain/model.ts";
import type { PushEvent, PushKind } from "./push-event.ts";

/*
 * The text of a push notification ("Push Notification Configuration for Conversations").
 */

/** The most characters of a notification, with all variables filled in. */
const longest = 178;

/** The templates of a service that has not set any. */
const defaultTemplates: Readonly<Record<PushKind, string>> = {
  newMessage: "${CONVERSATION}:${PARTICIPANT}: ${MESSAGE}",
  newMessageWithMedia: "You have a new message in ${CONVERSATION} with ${MEDIA_COUNT} media files: ${MEDIA}",
  addedToConversation: "You have been added to the conversation ${CONVERSATION} by ${PARTICIPANT}",
  removedFromConversation: "${PARTICIPANT} has removed you from the conversation ${CONVERSATION}",
};

/**
 * The text of a notification by a template, or by the default one. A variable without a value is empty; anything else in
 * `${}` is left unchanged (both assumed).
 */
export function renderText(template: string | null, pushEvent: PushEvent): string {
  const variables = variablesOf(pushEvent);
  const text = (template ?? defaultTemplates[pushEvent.kind]).replace(
    /\$\{([A-Z_]+)\}/g,
    (whole, name: string) => variables.get(name) ?? whole,
  );
  return [...text].slice(0, longest).join("");
}

/** The name of the conversation on a device. */
export function titleOf({ friendlyName, uniqueName, sid }: Conversation): string {
  return friendlyName || uniqueName || sid;
}

function variablesOf(pushEvent: PushEvent): ReadonlyMap<string, string> {
  const { conversation, message, actor, actorName } = pushEvent;
  const { sid, friendlyName, uniqueName } = conversation;
  const name = nameOf(pushEvent);
  const uniqueFirst = uniqueName || friendlyName || sid;
  const media = message?.media ?? [];
  return new Map([
    ["PARTICIPANT", name],
    ["PARTICIPANT_FRIENDLY_NAME", name],
    ["PARTICIPANT_IDENTITY", name],
    ["PARTICIPANT_SID", actor?.sid ?? actorName],
    ["CONVERSATION", uniqueFirst],
    ["CONVERSATION_FRIENDLY_NAME", titleOf(conversation)],
    ["CONVERSATION_SID", sid],
    ["CONVERSATION_UNIQUE_NAME", uniqueFirst],
    ["MESSAGE", message?.body ?? ""],
    ["MEDIA_COUNT", media.length === 0 ? "" : String(media.length)],
    ["MEDIA", media[0]?.filename ?? ""],
  ]);
}

/** The user's friendly name or identity; outside chat the address or projected address. */
function nameOf({ conversation, actor, actorName }: PushEvent): string {
  const identity = actor === undefined ? actorName : actor.identity;
  if (identity === null) return addressOf(actor) ?? actorName;
  return conversation.service.usersByIdentity.get(identity)?.friendlyName || identity;
}

function addressOf(actor: Participant | undefined): string | null | undefined {
  return actor?.binding?.address ?? actor?.binding?.projectedAddress;
}
