import type { NotificationConfiguration, NotificationTemplate, Service } from "./account-model.ts";
import { checkFlag } from "./flag.ts";
import { checkMessagingService } from "./messaging-services.ts";
import { showReachability } from "./reachability.ts";
import type { Resources } from "./resources.ts";
import { checkRole } from "./roles.ts";
import { roleRules } from "./rules/role.ts";
import { serviceRules } from "./rules/service.ts";
import { checkClosedTimer, checkInactiveTimer } from "./states.ts";

/** Parameters of the account's settings; undefined when omitted. */
export interface AccountSettings {
  readonly defaultChatServiceSid: string | undefined;
  readonly defaultMessagingServiceSid: string | undefined;
  /** ISO 8601 durations; empty removes the default. */
  readonly defaultInactiveTimer: string | undefined;
  readonly defaultClosedTimer: string | undefined;
}

/**
 * Changes the account's defaults: the service of paths without one, and the initial values of new conversations
 * ("Configuration Resource").
 */
export function configureAccount(resources: Resources, input: AccountSettings): void {
  const { account } = resources;
  const service =
    input.defaultChatServiceSid === undefined
      ? undefined
      : resources.services.get(input.defaultChatServiceSid);
  if (input.defaultChatServiceSid !== undefined && service === undefined) throw serviceRules.notFound();
  const { defaultMessagingServiceSid, defaultInactiveTimer, defaultClosedTimer } = input;
  const messagingServiceSid =
    defaultMessagingServiceSid === undefined
      ? account.defaultMessagingServiceSid
      : checkMessagingService(resources, defaultMessagingServiceSid);
  if (defaultInactiveTimer) checkInactiveTimer(defaultInactiveTimer);
  if (defaultClosedTimer) checkClosedTimer(defaultClosedTimer);
  if (service !== undefined) resources.defaultService = service;
  account.defaultMessagingServiceSid = messagingServiceSid;
  if (defaultInactiveTimer !== undefined) account.defaultInactiveTimer = defaultInactiveTimer || null;
  if (defaultClosedTimer !== undefined) account.defaultClosedTimer = defaultClosedTimer || null;
}

/** Parameters of a service's settings; undefined when omitted. */
export interface ServiceSettings {
  readonly creatorRoleSid: string | undefined;
  readonly conversationRoleSid: string | undefined;
  readonly serviceRoleSid: string | undefined;
  readonly reachabilityEnabled: string | undefined;
}

/** Changes a service's default roles and whether it shows users' online state ("Service Configuration Resource"). */
export function configureService(service: Service, input: ServiceSettings): void {
  const { defaultRoles } = service;
  const creator = service.roles.get(input.creatorRoleSid ?? defaultRoles.conversationCreator);
  if (creator === undefined) throw serviceRules.creatorRoleNotFound();
  if (creator.type !== "conversation") throw roleRules.notForConversations();
  const conversation = checkRole(
    service,
    input.conversationRoleSid ?? defaultRoles.conversation,
    "conversation",
  );
  const ofService = checkRole(service, input.serviceRoleSid ?? defaultRoles.service, "service");
  const reachability = checkFlag(
    "ReachabilityEnabled",
    input.reachabilityEnabled,
    service.reachabilityEnabled,
  );
  service.defaultRoles = { conversation, conversationCreator: creator.sid, service: ofService };
  if (reachability && !service.reachabilityEnabled) showReachability(service);
  service.reachabilityEnabled = reachability;
}

/** Parameters of one kind of push notification; undefined when omitted. */
export interface NotificationInput {
  readonly enabled: string | undefined;
  readonly template: string | undefined;
  readonly sound: string | undefined;
}

/** Parameters of a service's push notifications. */
export interface NotificationSettings {
  readonly logEnabled: string | undefined;
  readonly newMessage: NotificationInput & { readonly badgeCountEnabled: string | undefined };
  readonly newMessageWithMedia: Omit<NotificationInput, "sound">;
  readonly addedToConversation: NotificationInput;
  readonly removedFromConversation: NotificationInput;
}

/** Changes a service's push notifications ("Service-Scoped Notification Resource"), all or none. */
export function configureNotifications(
  notifications: NotificationConfiguration,
  input: NotificationSettings,
): void {
  const { newMessage, newMessageWithMedia, addedToConversation, removedFromConversation } = notifications;
  const badge = input.newMessage.badgeCountEnabled;
  Object.assign(notifications, {
    logEnabled: checkFlag("LogEnabled", input.logEnabled, notifications.logEnabled),
    newMessage: {
      ...changed("NewMessage", newMessage, input.newMessage),
      badgeCountEnabled: checkFlag("NewMessage.BadgeCountEnabled", badge, newMessage.badgeCountEnabled),
    },
    newMessageWithMedia: changed("NewMessage.WithMedia", newMessageWithMedia, input.newMessageWithMedia),
    addedToConversation: changed("AddedToConversation", addedToConversation, input.addedToConversation),
    removedFromConversation: changed(
      "RemovedFromConversation",
      removedFromConversation,
      input.removedFromConversation,
    ),
  });
}

const longest = 256;

function changed<T extends Partial<NotificationTemplate>>(
  name: string,
  present: T,
  input: Partial<NotificationInput>,
): T {
  const { template, sound } = input;
  if (template !== undefined && template.length > longest) throw serviceRules.templateTooLong();
  if (sound !== undefined && sound.length > longest) throw serviceRules.soundTooLong();
  return {
    ...present,
    enabled: checkFlag(`${name}.Enabled`, input.enabled, present.enabled ?? false),
    ...(template === undefined ? {} : { template: template || null }),
    ...(sound === undefined ? {} : { sound: sound || null }),
  };
}
