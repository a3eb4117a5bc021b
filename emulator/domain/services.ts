import type { NotificationConfiguration, Role, Service, WebhookConfiguration } from "./account-model.ts";
import { checkRequiredName } from "./attributes.ts";
import { Collection } from "./collection.ts";
import { removeEveryConversation } from "./conversations.ts";
import type { Resources } from "./resources.ts";
import { createDefaultRoles } from "./roles.ts";
import { serviceRules } from "./rules/service.ts";

/** The parts of the resources that creating a service needs: the default service is created before the others exist. */
type Origins = Pick<Resources, "ids" | "clock">;

/** Creates a conversation service, isolated from the others. */
export function createService(resources: Resources, friendlyName: string | undefined): Service {
  const name = checkRequiredName(friendlyName);
  const service = newService(resources, name, resources.services.nextSeq());
  resources.services.add(service);
  return service;
}

/** A new service, with only the four default roles. */
export function newService({ ids, clock }: Origins, friendlyName: string, seq: number): Service {
  const now = clock.now();
  const roles = new Collection<Role>();
  const created = createDefaultRoles(ids.sid, now);
  for (const role of Object.values(created)) roles.add(role);
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
      conversation: created.channelUser.sid,
      conversationCreator: created.channelAdmin.sid,
      service: created.serviceUser.sid,
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
 * Deletes a service with everything in it, without webhooks (assumed). The default service cannot be deleted, because
 * paths without a service use it.
 */
export function removeService(resources: Resources, service: Service): void {
  if (service === resources.defaultService) throw serviceRules.isDefault();
  removeEveryConversation(resources, service);
  resources.services.delete(service);
}

/** Webhook targets that were never set. */
export function unconfigured(method: "POST" | null): WebhookConfiguration {
  return { preWebhookUrl: null, postWebhookUrl: null, method, filters: null, target: "webhook" };
}

/** Push notifications are off until they are enabled ("Service-Scoped Notification Resource"). */
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
