import { isoMillis } from "../dates.ts";
import type { DomainEvent } from "../domain/events.ts";
import type { Conversation, Message, Participant } from "../domain/model.ts";
import { documentEvent, itemEvent, removalEvent, type SyncEvent } from "./events.ts";
import { mapsOf, type ObjectType, objectsOf, type SyncObject, typeOf } from "./objects.ts";
import {
  documentData,
  membershipData,
  messageData,
  participantData,
  type UserKey,
  userData,
} from "./shapes.ts";
import { type Kind, noteEvent, noteItem, type Tracks } from "./tracks.ts";

/** Sends an event to the subscribers of an object. `make` is called only if there are any. */
type Publish = (type: ObjectType, sid: string, make: () => SyncEvent) => void;

type Removal = Extract<DomainEvent, { readonly type: "onConversationRemoved" }>;
type UserChange = Extract<DomainEvent, { readonly user: unknown }>;

/** Turns domain events into changes of Sync objects. An object that was never opened has no history. */
export class Projection {
  readonly #tracks: Tracks;
  readonly #publish: Publish;

  constructor(tracks: Tracks, publish: Publish) {
    this.#tracks = tracks;
    this.#publish = publish;
  }

  handle(event: DomainEvent): void {
    // Without SDKs there is nothing to do.
    if (this.#tracks.size === 0) return;
    switch (event.type) {
      case "onConversationUpdated":
      case "onConversationStateUpdated":
        this.#document(event.conversation, event.at);
        return;
      case "onConversationRemoved":
        this.#conversationRemoved(event);
        return;
      case "onParticipantAdded":
        this.#participant(event.participant, "added", event.at);
        return;
      case "onParticipantUpdated":
        if (event.formerIdentity === undefined) this.#participant(event.participant, "updated", event.at);
        else this.#identityChanged(event.participant, event.formerIdentity, event.at);
        return;
      case "onParticipantRemoved":
        this.#participant(event.participant, "removed", event.at);
        return;
      case "onMessageAdded":
        this.#message(event.message, "added", event.at);
        this.#document(event.conversation, event.at);
        return;
      case "onMessageRemoved":
        this.#message(event.message, "removed", event.at);
        this.#document(event.conversation, event.at);
        return;
      case "onMessageUpdated":
      case "onDeliveryUpdated":
        // The message of a receipt may be deleted.
        if (event.conversation.messages.get(event.message.sid) !== undefined)
          this.#message(event.message, "updated", event.at);
        return;
      case "onUserUpdated":
        this.#user(event, ["attributes", "friendlyName"]);
        return;
      case "reachabilityUpdated":
        this.#user(event, ["reachability"]);
    }
  }

  #document(conversation: Conversation, at: number): void {
    const sid = objectsOf(conversation).document;
    const track = this.#tracks.get(sid);
    if (track === undefined) return;
    const id = noteEvent(track);
    this.#publish("document", sid, () => documentEvent(sid, id, isoMillis(at), documentData(conversation)));
  }

  #message(message: Message, kind: Kind, at: number): void {
    const { messages } = objectsOf(message.conversation);
    this.#item("messages", messages, String(message.seq), kind, at, () => messageData(message));
  }

  #participant(participant: Participant, kind: Kind, at: number): void {
    this.#roster(participant, kind, at);
    this.#membership(participant, kind, at);
  }

  /** The identity of a participant has changed: the former user leaves the conversation, and the new one joins. */
  #identityChanged(participant: Participant, former: string | null, at: number): void {
    this.#roster(participant, "updated", at);
    this.#membership(participant, "removed", at, former);
    this.#membership(participant, "added", at);
  }

  #roster(participant: Participant, kind: Kind, at: number): void {
    const { roster } = objectsOf(participant.conversation);
    this.#item("roster", roster, participant.sid, kind, at, () => participantData(participant));
  }

  #membership(participant: Participant, kind: Kind, at: number, identity = participant.identity): void {
    const { conversation } = participant;
    const user = conversation.service.usersByIdentity.get(identity ?? "");
    if (user === undefined) return;
    const { myConversations } = mapsOf(user);
    this.#item("myConversations", myConversations, conversation.sid, kind, at, () =>
      membershipData(participant),
    );
  }

  #user({ service, user, at }: UserChange, keys: readonly UserKey[]): void {
    const { userInfo } = mapsOf(user);
    for (const key of keys)
      this.#item("userInfo", userInfo, key, "updated", at, () => userData(service, user, key));
  }

  #conversationRemoved({ conversation, members, at }: Removal): void {
    for (const member of members) this.#membership(member, "removed", at);
    const { document, messages, roster } = objectsOf(conversation);
    const objects = [
      ["document", document],
      ["list", messages],
      ["map", roster],
    ] as const;
    for (const [type, sid] of objects) {
      const track = this.#tracks.get(sid);
      if (track === undefined) continue;
      const id = noteEvent(track);
      this.#publish(type, sid, () => removalEvent(type, sid, id, isoMillis(at)));
      this.#tracks.delete(sid);
    }
  }

  #item(
    shown: SyncObject["kind"],
    sid: string,
    key: string,
    kind: Kind,
    at: number,
    data: () => object,
  ): void {
    const track = this.#tracks.get(sid);
    if (track === undefined) return;
    const type = typeOf(shown);
    const id = noteItem(track, key, kind);
    this.#publish(type, sid, () => itemEvent({ type, sid, id, at: isoMillis(at), kind, key, data: data() }));
  }
}
