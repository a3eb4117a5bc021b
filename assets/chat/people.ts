import type { Client, Participant, User } from "@twilio/conversations";
import { read } from "./connection.ts";

/** Those of each session: their objects change no more when it has ended. */
const usersOf = new WeakMap<Client, Map<string, Promise<User | undefined>>>();

/** A chat user, fetched once; undefined if there is none with that identity. */
export function userOf(client: Client, identity: string): Promise<User | undefined> {
  const users = usersOf.get(client) ?? new Map<string, Promise<User | undefined>>();
  usersOf.set(client, users);
  const known = users.get(identity);
  if (known !== undefined) return known;
  const user = read(() => client.getUser(identity)).catch(() => undefined);
  users.set(identity, user);
  return user;
}

/** The name of a chat user, or the name in the attributes of a participant on a phone; undefined if there is none. */
export async function nameOf(client: Client, participant: Participant): Promise<string | undefined> {
  const { identity, attributes } = participant;
  if (identity !== null) return (await userOf(client, identity))?.friendlyName || identity;
  const name: unknown = Object(attributes).name;
  return typeof name === "string" && name !== "" ? name : undefined;
}
