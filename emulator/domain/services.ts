import type { NotificationConfiguration, Role, Service, WebhookConfiguration } from "./account-model.ts";
import { checkRequiredName } from "./attributes.ts";
import { Collection } from "./collection.ts";
import { removeEveryConversation } from "./conversations.ts";
import { createDefaultRoles } from "./roles.ts";
import { serviceRules } from "./rules/service.ts";
import type { World } from "./world.ts";

/** What making a service takes of the world, which is not whole yet when the default one is made. */
type Origins = Pick<World, "ids" | "clock">;

/** Creates a conversation service. Nothing in it is known to the others. */
export function createService(world: World, friendlyName: string | undefined): Service {
  const name = checkRequiredName(friendlyName);
  const service = newService(world, name, world.services.nextSeq());
  world.services.add(service);
  return service;
}

/** A service as it begins: with the four default roles, and nothing else. */
export function newService({ ids, clock }: Origins, friendlyName: string, seq: number): Service {
  const now = clock.now();
  const roles = new Collection<Role>();
  const [, serviceUser, channelAdmin, channelUser] = createDefaultRoles(ids.sid, now).map((role) => {
    roles.add(role);
    return role.sid;
  });
  return {
    sid: ids.sid("IS"),
    seq,
    friendlyName,
    conversations: new Collection(),
    conversationsByUniqueName: new Map(),
    users: new Collection(),
    usersByIdentity: new Map(),
    participantsByAddress: new Map(),
    roles,
    defaultRoles: {
      conversation: channelUser ?? "",
      conversationCreator: channelAdmin ?? "",
      service: serviceUser ?? "",
    },
    reachabilityEnabled: false,
    notifications: silent(),
    pushBindings: new Collection(),
    pushBindingsByIdentity: new Map(),
    webhooks: unconfigured(null),
    dateCreated: now,
    dateUpdated: now,
  };
}

/**
 * Deletes a service with everything in it, silently: a deletion of this size tells no webhooks (assumed). The
 * default service stays, because every path without a service means it.
 */
export function removeService(world: World, service: Service): void {
  if (service === world.defaultService) throw serviceRules.isDefault();
  removeEveryConversation(world, service);
  world.services.delete(service);
}

/** Webhook targets that nobody has set. */
export function unconfigured(method: "POST" | null): WebhookConfiguration {
  return { preWebhookUrl: null, postWebhookUrl: null, method, filters: null, target: "webhook" };
}

/** Push notifications are off until they are asked for ("Service-Scoped Notification Resource"). */
function silent(): NotificationConfiguration {
  const off = () => ({ enabled: false, template: null, sound: null });
  return {
    logEnabled: false,
    newMessage: { ...off(), badgeCountEnabled: false },
    newMessageWithMedia: { enabled: false, template: null },
    addedToConversation: off(),
    removedFromConversation: off(),
  };
}
