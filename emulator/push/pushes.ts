import type { Clock } from "../clock.ts";
import { isoMillis } from "../dates.ts";
import type {
  NotificationConfiguration,
  NotificationTemplate,
  PushBinding,
  PushMessageType,
  Service,
} from "../domain/account-model.ts";
import type { DomainEvent } from "../domain/events.ts";
import type { User } from "../domain/model.ts";
import { bindingsOf } from "../domain/push-bindings.ts";
import type { Resources } from "../domain/resources.ts";
import type { Ids } from "../ids.ts";
import { Recent } from "../recent.ts";
import type { Sid } from "../sid.ts";
import type { Timeline } from "../timeline.ts";
import { badgeHolders, countBadge } from "./badge.ts";
import { badgePayload, dataOf, type Fields, payloadFor } from "./payload.ts";
import { type PushEvent, type PushKind, pushEventOf } from "./push-event.ts";
import { renderText } from "./template.ts";

/** A push notification to one device. */
export interface Push {
  readonly at: string;
  /** "twilio.conversations.new_message", …; "twilio.channel.consumption_update" for a lower badge number. */
  readonly messageType: string;
  readonly identity: string;
  readonly serviceSid: Sid<"IS">;
  readonly bindingSid: Sid<"BS">;
  readonly bindingType: PushBinding["bindingType"];
  readonly endpoint: string;
  readonly credentialSid: Sid<"CR">;
  /** Null when only the badge changes. */
  readonly conversationSid: Sid<"CH"> | null;
  readonly messageSid: Sid<"IM"> | null;
  /** `failed`: the binding's credential was deleted, or is for another vendor. */
  readonly status: "sent" | "failed";
  /** The payload that the app receives from the vendor. */
  readonly payload: object;
}

/** What pushes depend on. The SIDs are a stream of their own, since pushes are not stored. */
export interface PushOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timeline: Timeline;
}

const messageTypes: Readonly<Record<PushKind, PushMessageType>> = {
  newMessage: "new_message",
  newMessageWithMedia: "new_message",
  addedToConversation: "added_to_conversation",
  removedFromConversation: "removed_from_conversation",
};

/**
 * Sends push notifications to the devices that users have registered ("Push Notification Configuration for
 * Conversations"). No vendor is called: they are logged as they would be sent.
 */
export class Pushes {
  readonly log = new Recent<Push>(10_000);
  readonly #options: PushOptions;

  constructor(options: PushOptions) {
    this.#options = options;
  }

  /** Sends the push notifications for an event. */
  handle(resources: Resources, event: DomainEvent): void {
    const service = "service" in event ? event.service : event.conversation.service;
    if (service.pushBindings.size === 0) return;
    const pushEvent = pushEventOf(event);
    if (pushEvent !== undefined) this.#notify(resources, service, pushEvent);
    if (service.notifications.newMessage.badgeCountEnabled) this.#lowerBadges(resources, service, event);
  }

  #notify(resources: Resources, service: Service, pushEvent: PushEvent): void {
    const { kind, conversation, message, recipients } = pushEvent;
    const { enabled, template, sound } = settingsOf(service.notifications, kind);
    if (!enabled) return;
    const type = messageTypes[kind];
    const messageType = `twilio.conversations.${type}`;
    const text = renderText(template, pushEvent);
    const data = { ...dataOf(pushEvent), ...this.#sign(messageType) };
    const about = { messageType, conversationSid: conversation.sid, messageSid: message?.sid ?? null };
    for (const { identity, notificationLevel } of recipients) {
      const user = service.usersByIdentity.get(identity ?? "");
      if (user === undefined || notificationLevel === "muted") continue;
      for (const binding of bindingsOf(service, user.identity)) {
        if (!binding.messageTypes.includes(type)) continue;
        const badge = message === undefined ? undefined : badgeFor(service, user, binding);
        const payload = payloadFor(binding.bindingType, { text, sound, badge, data });
        this.#send(resources, service, binding, { ...about, payload });
      }
    }
  }

  /** A lower badge number is sent to every iOS device of the user; a higher one comes with a message. */
  #lowerBadges(resources: Resources, service: Service, event: DomainEvent): void {
    for (const user of badgeHolders(event)) {
      const badge = countBadge(user);
      if (badge >= user.badge) continue;
      user.badge = badge;
      const messageType = "twilio.channel.consumption_update";
      const payload = badgePayload(badge, this.#sign(messageType));
      const about = { messageType, conversationSid: null, messageSid: null, payload };
      for (const binding of bindingsOf(service, user.identity))
        if (binding.bindingType === "apn") this.#send(resources, service, binding, about);
    }
  }

  /** The data for the SDK in every push. */
  #sign(messageType: string): Fields {
    return { twi_message_type: messageType, twi_message_id: this.#options.ids.sid("RU") };
  }

  #send(
    resources: Resources,
    service: Service,
    binding: PushBinding,
    about: Pick<Push, "messageType" | "conversationSid" | "messageSid" | "payload">,
  ): void {
    const { clock, timeline } = this.#options;
    const { sid: bindingSid, identity, bindingType, endpoint, credentialSid } = binding;
    const { payload, ...rest } = about;
    const status = resources.credentials.get(credentialSid)?.type === bindingType ? "sent" : "failed";
    binding.lastUsed = clock.now();
    const at = isoMillis(clock.now());
    const summary = { ...rest, identity, bindingSid, bindingType, status } as const;
    timeline.add({ at, kind: "push", ...summary });
    this.log.add({ at, ...summary, serviceSid: service.sid, endpoint, credentialSid, payload });
  }
}

/** Media messages have their own template, and the sound of other messages. */
function settingsOf(notifications: NotificationConfiguration, kind: PushKind): NotificationTemplate {
  if (kind !== "newMessageWithMedia") return notifications[kind];
  return { ...notifications.newMessageWithMedia, sound: notifications.newMessage.sound };
}

/** The badge number for an iOS device; undefined for other devices, and while badges are disabled. */
function badgeFor(service: Service, user: User, { bindingType }: PushBinding): number | undefined {
  if (bindingType !== "apn" || !service.notifications.newMessage.badgeCountEnabled) return undefined;
  user.badge = countBadge(user);
  return user.badge;
}
