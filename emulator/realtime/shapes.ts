import { isoMillis } from "../dates.ts";
import type { Service } from "../domain/account-model.ts";
import { filesOf } from "../domain/media.ts";
import type { Conversation, Media, Message, Participant, User } from "../domain/model.ts";
import { reachabilityOf } from "../domain/reachability.ts";
import { summarizeDelivery } from "../domain/receipts.ts";
import { mapsOf, objectsOf } from "./objects.ts";

/*
 * The data of Sync objects. The SDK expects the field names of Programmable Chat.
 */

/** A conversation's document. */
export function documentData(conversation: Conversation): object {
  const { messages, roster } = objectsOf(conversation);
  const last = lastOf(conversation);
  const dateUpdated = isoMillis(conversation.dateUpdated);
  const { emailBinding } = conversation;
  return {
    friendlyName: conversation.friendlyName,
    uniqueName: conversation.uniqueName,
    attributes: conversation.attributes,
    createdBy: conversation.createdBy,
    dateCreated: isoMillis(conversation.dateCreated),
    dateUpdated,
    ...(last === undefined
      ? {}
      : { lastMessage: { index: last.seq, timestamp: isoMillis(last.dateCreated) } }),
    state: { current: conversation.state, dateUpdated },
    ...(emailBinding === null
      ? {}
      : { bindings: { email: { name: emailBinding.name, projected_address: emailBinding.address } } }),
    messages,
    roster,
  };
}

/** The latest message. */
export function lastOf({ messages }: Conversation): Message | undefined {
  for (const message of messages.downFrom(messages.nextSeq())) return message;
  return undefined;
}

/** An item of the list of messages. */
export function messageData(message: Message): object {
  const { receipts, contentSid } = message;
  const files = filesOf(message);
  const delivery = summarizeDelivery(receipts);
  return {
    sid: message.sid,
    author: message.author,
    text: message.body,
    ...(message.subject === null ? {} : { subject: message.subject }),
    // SDK 2.4.0-rc.0 looks for rich content only in messages of the type media.
    type: files.length === 0 ? "text" : "media",
    timestamp: isoMillis(message.dateCreated),
    dateUpdated: isoMillis(message.dateUpdated),
    lastUpdatedBy: message.lastUpdatedBy,
    attributes: message.attributes,
    memberSid: message.participantSid,
    ...(files.length === 0 ? {} : { medias: files.map(mediaData) }),
    ...(delivery === null ? {} : { delivery }),
    contentSid,
  };
}

function mediaData({ sid, category, filename, contentType, size }: Media): object {
  return { sid, category, filename, contentType, size };
}

/** An item of the map of participants. */
export function participantData(participant: Participant): object {
  const { conversation, identity, binding, lastReadTimestamp } = participant;
  const user = conversation.service.usersByIdentity.get(identity ?? "");
  return {
    identity,
    type: identity === null ? (binding?.type ?? "chat") : "chat",
    ...(binding === null
      ? {}
      : { bindings: { [binding.type]: { address: binding.address, proxy_address: binding.proxyAddress } } }),
    attributes: participant.attributes,
    dateCreated: isoMillis(participant.dateCreated),
    dateUpdated: isoMillis(participant.dateUpdated),
    roleSid: participant.roleSid,
    lastConsumedMessageIndex: participant.lastReadMessageIndex,
    lastConsumptionTimestamp: lastReadTimestamp === null ? null : isoMillis(lastReadTimestamp),
    ...(user === undefined ? {} : { userInfo: mapsOf(user).userInfo }),
  };
}

/** An item of a user's map of conversations. */
export function membershipData(membership: Participant): object {
  const { document, messages, roster } = objectsOf(membership.conversation);
  return {
    status: "joined",
    channel: document,
    messages,
    roster,
    lastConsumedMessageIndex: membership.lastReadMessageIndex,
    notificationLevel: membership.notificationLevel,
  };
}

/** The keys of a user's map of properties. */
export const userKeys = ["attributes", "friendlyName", "reachability"] as const;
export type UserKey = (typeof userKeys)[number];

/** An item of a user's map of properties. */
export function userData(service: Service, user: User, key: UserKey): object {
  switch (key) {
    case "attributes":
      return { value: user.attributes };
    case "friendlyName":
      return { value: user.friendlyName };
    case "reachability": {
      const { isOnline, isNotifiable } = reachabilityOf(service, user);
      return { online: isOnline, notifiable: isNotifiable };
    }
  }
}
