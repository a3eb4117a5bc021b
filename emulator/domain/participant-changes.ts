import { channelOf } from "./address.ts";
import { attributeLimits, checkAttributes } from "./attributes.ts";
import { checkMember as checkMemberAddress, checkPair, checkProjected } from "./bindings.ts";
import { throughGate } from "./gate.ts";
import { checkGroup } from "./groups.ts";
import { checkIdentity } from "./identity.ts";
import { rebind } from "./membership.ts";
import type { MessagingBinding, Origin, Participant } from "./model.ts";
import { checkFreeIdentity, checkFreePair, checkMember } from "./participants.ts";
import { type HorizonChanges, moveHorizon } from "./read-horizon.ts";
import type { Resources } from "./resources.ts";
import { checkRole, countHolder } from "./roles.ts";
import { groupRules } from "./rules/group.ts";
import { checkChangeable } from "./states.ts";
import { ensureUser } from "./users.ts";

/** Changes of a participant; undefined when omitted. */
export interface ParticipantChanges extends HorizonChanges {
  readonly identity: string | undefined;
  /** "null" removes it. */
  readonly proxyAddress: string | undefined;
  /** "null" removes it. */
  readonly projectedAddress: string | undefined;
  readonly attributes: string | undefined;
  readonly roleSid: string | undefined;
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
}

/**
 * Changes attributes, role and read horizon; a proxy or projected address, where it can be added or removed; the identity
 * of a projected address ("Group Texting in Conversations", error dictionary 50440 to 50444).
 */
export function updateParticipant(
  resources: Resources,
  participant: Participant,
  changes: ParticipantChanges,
  origin: Origin,
): Promise<void> {
  const { conversation } = participant;
  return throughGate(resources, {
    prepare: () => draftUpdate(resources, participant, changes),
    describe: (draft) => ({ type: "onParticipantUpdate", origin, conversation, participant: draft }),
    commit: (draft) => commitUpdate(resources, participant, draft, changes, origin),
  });
}

function commitUpdate(
  resources: Resources,
  participant: Participant,
  draft: Participant,
  changes: ParticipantChanges,
  origin: Origin,
): void {
  const { conversation } = participant;
  const { service } = conversation;
  const { identity, binding, identityCameLater: _, ...fields } = draft;
  const former = identity === participant.identity ? {} : { formerIdentity: participant.identity };
  if (identity !== participant.identity || binding !== participant.binding) {
    if (identity !== participant.identity) participant.identityCameLater = identity !== null;
    if (identity !== null) ensureUser(resources, service, identity, origin);
    rebind(resources, participant, identity, binding);
  }
  countHolder(service, participant.roleSid, -1);
  const now = resources.clock.now();
  Object.assign(participant, fields, { dateUpdated: changes.dateUpdated ?? now });
  countHolder(service, participant.roleSid, 1);
  resources.publish({ type: "onParticipantUpdated", at: now, origin, conversation, participant, ...former });
}

function draftUpdate(
  resources: Resources,
  participant: Participant,
  changes: ParticipantChanges,
): Participant {
  checkMember(participant);
  checkChangeable(participant.conversation);
  const { service } = participant.conversation;
  return {
    ...participant,
    binding: checkBindingChange(resources, participant, changes),
    identity: checkIdentityChange(participant, changes),
    attributes:
      changes.attributes === undefined
        ? participant.attributes
        : checkAttributes(changes.attributes, attributeLimits.other),
    roleSid:
      changes.roleSid === undefined
        ? participant.roleSid
        : checkRole(service, changes.roleSid, "conversation"),
    ...moveHorizon(resources, participant, changes),
    dateCreated: changes.dateCreated ?? participant.dateCreated,
  };
}

function checkBindingChange(
  resources: Resources,
  participant: Participant,
  { proxyAddress, projectedAddress }: ParticipantChanges,
): MessagingBinding | null {
  const { conversation, identity, binding } = participant;
  if (proxyAddress !== undefined) {
    const changed = isNull(proxyAddress)
      ? withoutProxy(resources, binding)
      : withProxy(resources, binding, proxyAddress);
    checkGroup(resources, conversation, identity, changed);
    checkFreePair(resources, changed);
    return changed;
  }
  if (projectedAddress === undefined) return binding;
  if (isNull(projectedAddress)) {
    if (binding?.projectedAddress == null || identity === null) throw groupRules.projectedNotRemovable();
    return null;
  }
  if (binding !== null) throw groupRules.projectedWithBinding();
  const changed = checkProjected(resources, projectedAddress);
  checkGroup(resources, conversation, identity, changed);
  return changed;
}

function withoutProxy(resources: Resources, binding: MessagingBinding | null): MessagingBinding {
  if (binding?.proxyAddress == null || binding.address === null) throw groupRules.proxyNotRemovable();
  return checkMemberAddress(resources, binding.address);
}

function withProxy(
  resources: Resources,
  binding: MessagingBinding | null,
  proxyAddress: string,
): MessagingBinding {
  const address = binding?.address ?? undefined;
  const channel = address === undefined ? undefined : channelOf(address);
  if (address === undefined || channel === undefined || binding?.proxyAddress != null)
    throw groupRules.proxyNotAddable();
  return checkPair(resources, address, channel, proxyAddress);
}

/**
 * An identity can be added to a projected address that has none. That an empty one removes it is assumed: the guide
 * passes a projected address from one agent to the next, and the dictionary forbids replacing it.
 */
function checkIdentityChange(participant: Participant, { identity }: ParticipantChanges): string | null {
  if (identity === undefined) return participant.identity;
  if (participant.binding?.projectedAddress == null) throw groupRules.identityNotAddable();
  if (isNull(identity)) return null;
  if (participant.identity !== null) throw groupRules.identityNotAddable();
  const checked = checkIdentity(identity);
  checkFreeIdentity(participant.conversation, checked);
  return checked;
}

function isNull(text: string): boolean {
  return text === "" || text === "null";
}
