import type { Sid } from "../sid.ts";
import type { PushBinding, PushMessageType, PushType, Service } from "./account-model.ts";
import type { User } from "./model.ts";
import { changeReachability } from "./reachability.ts";
import type { Resources } from "./resources.ts";

/** The registration of a device by an SDK. The credential is of the same type. */
export interface Device {
  readonly bindingType: PushType;
  /** The vendor's token of the device. */
  readonly endpoint: string;
  readonly credentialSid: Sid<"CR">;
  readonly messageTypes: readonly PushMessageType[];
}

/** A binding that is not used for this time is deleted: a year ("Service Binding Resource" and Notify's bindings). */
const unusedMs = 365 * 24 * 60 * 60 * 1000;

/**
 * Registers a user's device for push notifications. There is one binding per service, identity, device and push
 * technology ("Service Binding Resource"): a device that registers again keeps its binding.
 */
export function registerDevice(
  resources: Resources,
  service: Service,
  user: User,
  device: Device,
): PushBinding {
  const { bindingType, endpoint, credentialSid } = device;
  const messageTypes = [...device.messageTypes];
  const { identity } = user;
  const now = resources.clock.now();
  const present = bindingsOf(service, identity).find(
    (binding) => binding.bindingType === bindingType && binding.endpoint === endpoint,
  );
  if (present !== undefined) {
    Object.assign(present, { credentialSid, messageTypes, lastUsed: now, dateUpdated: now });
    return present;
  }
  const binding: PushBinding = {
    sid: resources.ids.sid("BS"),
    seq: service.pushBindings.nextSeq(),
    identity,
    bindingType,
    endpoint,
    credentialSid,
    messageTypes,
    lastUsed: now,
    dateCreated: now,
    dateUpdated: now,
  };
  changeReachability(resources, service, user, () => {
    enter(service, binding);
    user.everRegistered = true;
  });
  expireLater(resources, service, binding);
  return binding;
}

/** Deletes a binding once it has not been used for a year. */
export function expireLater(resources: Resources, service: Service, binding: PushBinding): void {
  resources.clock.schedule(binding.lastUsed + unusedMs, () => {
    if (service.pushBindings.get(binding.sid) !== binding) return;
    if (binding.lastUsed + unusedMs <= resources.clock.now()) removeBinding(resources, service, binding);
    else expireLater(resources, service, binding);
  });
}

/** Removes the registration of a device. */
export function removeBinding(resources: Resources, service: Service, binding: PushBinding): void {
  const user = service.usersByIdentity.get(binding.identity);
  if (user === undefined) drop(service, binding);
  else changeReachability(resources, service, user, () => drop(service, binding));
}

/** Removes every device of a deleted user (assumed). */
export function removeBindingsOf(service: Service, identity: string): void {
  for (const binding of bindingsOf(service, identity)) drop(service, binding);
}

/** The registered devices of a user, oldest first. */
export function bindingsOf(service: Service, identity: string): readonly PushBinding[] {
  return [...(service.pushBindingsByIdentity.get(identity) ?? [])];
}

function enter(service: Service, binding: PushBinding): void {
  service.pushBindings.add(binding);
  const others = service.pushBindingsByIdentity.get(binding.identity);
  if (others === undefined) service.pushBindingsByIdentity.set(binding.identity, new Set([binding]));
  else others.add(binding);
}

function drop(service: Service, binding: PushBinding): void {
  const { identity } = binding;
  service.pushBindings.delete(binding);
  const others = service.pushBindingsByIdentity.get(identity);
  others?.delete(binding);
  if (others?.size === 0) service.pushBindingsByIdentity.delete(identity);
}
