import type { OwnNumber, PhoneMessage } from "./api.ts";
import { channelOf } from "./channels.ts";

/** A chat of a phone: with one number, or with several. */
export interface Thread {
  /** The others' addresses, in order, with a space between. */
  readonly key: string;
  readonly others: readonly string[];
  readonly messages: readonly PhoneMessage[];
}

/** The key of the chat that a phone has with these others. */
export function threadKey(others: readonly string[]): string {
  return others.toSorted().join(" ");
}

/** The chat that a message on the phone of `address` belongs to. */
export function threadOf(address: string, { from, to, recipients }: PhoneMessage): string {
  const others = new Set([from, to, ...recipients]);
  others.delete(address);
  return threadKey([...others]);
}

/** The chats of a phone: existing ones, and one with each number of the account on its channel. */
export function threadsOf(
  address: string,
  messages: readonly PhoneMessage[],
  numbers: readonly OwnNumber[],
): readonly Thread[] {
  const byKey = new Map<string, PhoneMessage[]>();
  for (const message of messages) {
    const key = threadOf(address, message);
    byKey.set(key, [...(byKey.get(key) ?? []), message]);
  }
  for (const number of numbers) {
    if (channelOf(number.address) === channelOf(address) && !byKey.has(number.address))
      byKey.set(number.address, []);
  }
  return [...byKey].map(([key, own]) => ({ key, others: key.split(" "), messages: own }));
}
