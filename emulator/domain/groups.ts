import { isGroupBinding } from "./bindings.ts";
import type { Conversation, MessagingBinding } from "./model.ts";
import type { Resources } from "./resources.ts";
import { groupRules } from "./rules/group.ts";

/** The most members of a group text ("Group Texting in Conversations", "Conversations Limits"). */
export const largestGroup = 10;

/*
 * A conversation is a group text once it has a member with only an address and a member with a projected address. While
 * it is open no other conversation can have the same set of numbers, so replies among them have one destination.
 */

/** Throws when a participant breaks the rules of the group text that the conversation is or would become. */
export function checkGroup(
  resources: Resources,
  conversation: Conversation,
  identity: string | null,
  binding: MessagingBinding | null,
): void {
  const { groupMembers } = conversation;
  const members = [...groupMembers].flatMap((member) => member.binding ?? []);
  if (!isGroupBinding(binding)) {
    const isGroup = members.some(({ address }) => address !== null);
    if (binding === null && identity !== null && isGroup) throw groupRules.projectedMissing();
    return;
  }
  const number = numberOf(binding);
  if (members.some((member) => numberOf(member) === number)) throw groupRules.memberExists();
  if (groupMembers.size >= largestGroup) throw groupRules.full();
  const projections = [...groupMembers].filter((member) => member.identity !== null).length;
  const plainChat = conversation.participantsByIdentity.size - projections;
  if (binding.address !== null && plainChat > 0) throw groupRules.activationFailed();
  checkFreeGroup(resources, conversation, [...members, binding]);
}

/** Throws when another open conversation has the same set of members. */
export function checkFreeGroup(
  resources: Resources,
  conversation: Conversation | undefined,
  members: readonly MessagingBinding[],
): void {
  const key = groupKey(members);
  const holder = key === undefined ? undefined : resources.groups.get(key);
  if (holder !== undefined && holder !== conversation) throw groupRules.exists(holder.sid);
}

/** The open group text among exactly these numbers, if any. */
export function groupOf(resources: Resources, numbers: readonly string[]): Conversation | undefined {
  return resources.groups.get(keyOf(numbers));
}

/** Reserves the set of numbers of future members, so that messages meanwhile go to the conversation. */
export function reserveGroup(
  resources: Resources,
  conversation: Conversation,
  numbers: readonly string[],
): void {
  conversation.groupKey = keyOf(numbers);
  resources.groups.set(conversation.groupKey, conversation);
}

/** Updates the set of numbers after members were added or removed. */
export function holdGroup(resources: Resources, conversation: Conversation): void {
  releaseGroup(resources, conversation);
  const key = groupKey([...conversation.groupMembers].flatMap((member) => member.binding ?? []));
  if (key === undefined || resources.groups.has(key)) return;
  conversation.groupKey = key;
  resources.groups.set(key, conversation);
}

/** Releases the set of numbers, when the conversation closes or is deleted. */
export function releaseGroup(resources: Resources, conversation: Conversation): void {
  if (conversation.groupKey !== undefined) resources.groups.delete(conversation.groupKey);
  conversation.groupKey = undefined;
}

/** The set of numbers; undefined when there is no person or no number of the account, so it is not a group text. */
function groupKey(members: readonly MessagingBinding[]): string | undefined {
  const hasPerson = members.some(({ address }) => address !== null);
  const hasProjection = members.some(({ projectedAddress }) => projectedAddress !== null);
  if (!hasPerson || !hasProjection) return undefined;
  return keyOf(members.map(numberOf));
}

function keyOf(numbers: readonly string[]): string {
  return numbers.toSorted().join(" ");
}

function numberOf({ address, projectedAddress }: MessagingBinding): string {
  return address ?? projectedAddress ?? "";
}
