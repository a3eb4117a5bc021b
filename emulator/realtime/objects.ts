import type { Conversation, User } from "../domain/model.ts";

/*
 * The objects of Twilio Sync for a conversation and a user. Their SIDs are derived from those of the conversation and user.
 */

/** An object of Sync, and the object of the account that it represents. */
export type SyncObject =
  | {
      readonly kind: "document" | "messages" | "roster";
      readonly sid: string;
      readonly conversation: Conversation;
    }
  | { readonly kind: "userInfo" | "myConversations"; readonly sid: string; readonly user: User };

/** The types of objects, as in paths and events. */
export type ObjectType = "document" | "list" | "map";

/** The SIDs of a conversation's document, list of messages and map of participants. */
export function objectsOf({ sid }: Pick<Conversation, "sid">) {
  const hex = sid.slice(2);
  return { document: `ET${hex}`, messages: `ES${hex}`, roster: `MP${hex}` };
}

/** The SIDs of a user's maps: their properties, and the conversations that they take part in. */
export function mapsOf({ sid }: Pick<User, "sid">) {
  const hex = sid.slice(2);
  return { userInfo: `MP${hex}`, myConversations: `MP${swapHalves(hex)}` };
}

/** The object with a SID in a service; undefined when there is none. */
export function findObject(
  service: {
    readonly conversations: { get(sid: string): Conversation | undefined };
    readonly users: { get(sid: string): User | undefined };
  },
  type: ObjectType,
  name: string,
): SyncObject | undefined {
  const sid = /^(ET|ES|MP)[0-9a-f]{32}$/.exec(name) === null ? "" : name;
  const hex = sid.slice(2);
  const conversation = service.conversations.get(`CH${hex}`);
  const kind = ({ ET: "document", ES: "messages", MP: "roster" } as const)[sid.slice(0, 2) as "ET"];
  if (kind === undefined || typeOf(kind) !== type) return undefined;
  if (conversation !== undefined) return { kind, sid, conversation };
  if (type !== "map") return undefined;
  const user = service.users.get(`US${hex}`);
  if (user !== undefined) return { kind: "userInfo", sid, user };
  const owner = service.users.get(`US${swapHalves(hex)}`);
  return owner === undefined ? undefined : { kind: "myConversations", sid, user: owner };
}

/** The type of an object of this kind. */
export function typeOf(kind: SyncObject["kind"]): ObjectType {
  if (kind === "document") return "document";
  return kind === "messages" ? "list" : "map";
}

/** Swaps the halves of hexadecimal digits. It is its own inverse. */
function swapHalves(hex: string): string {
  return hex.slice(16) + hex.slice(0, 16);
}
