import type { Service } from "./account-model.ts";
import type { Origin, User } from "./model.ts";
import type { Resources } from "./resources.ts";

/** Whether a user can be reached; null is not known ("Reachability Indicator", "Conversations User Resource"). */
export interface Reachability {
  /** Null while the indicator is off, and for a user who was not online since it was enabled. */
  readonly isOnline: boolean | null;
  /** Null while the indicator is off, and for a user who never had a push registration. */
  readonly isNotifiable: boolean | null;
}

/** A user's reachability as the service shows it. */
export function reachabilityOf(service: Service, user: User): Reachability {
  if (!service.reachabilityEnabled) return { isOnline: null, isNotifiable: null };
  return {
    isOnline: user.seenOnline ? user.online : null,
    isNotifiable: user.everRegistered ? service.pushBindingsByIdentity.has(user.identity) : null,
  };
}

/** Records that the first SDK of a user has connected, or the last one has disconnected. */
export function setOnline(resources: Resources, service: Service, user: User, online: boolean): void {
  changeReachability(resources, service, user, () => {
    user.online = online;
    if (online && service.reachabilityEnabled) user.seenOnline = true;
  });
}

/** Enables the indicator: users who are not online now have an unknown state. */
export function showReachability(service: Service): void {
  for (const user of service.users.values()) user.seenOnline = user.online;
}

/** Makes a change, and publishes an internal event if the user's reachability changes. */
export function changeReachability(
  resources: Resources,
  service: Service,
  user: User,
  change: () => void,
): void {
  const before = reachabilityOf(service, user);
  change();
  const { isOnline, isNotifiable } = reachabilityOf(service, user);
  if (isOnline === before.isOnline && isNotifiable === before.isNotifiable) return;
  resources.publish({
    type: "reachabilityUpdated",
    at: resources.clock.now(),
    origin: sdkOf(user.identity),
    service,
    user,
  });
}

/** An SDK that is signed in as a user. */
export function sdkOf(identity: string): Origin {
  return { source: "SDK", webhooks: true, clientIdentity: identity };
}
