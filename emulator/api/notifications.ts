import { configureNotifications } from "../domain/configuration.ts";
import type { Call, Handler } from "./call.ts";

/** GET /Services/{ChatServiceSid}/Configuration/Notifications */
export const fetch: Handler = (call) => ({ status: 200, body: present(call) });

/** POST /Services/{ChatServiceSid}/Configuration/Notifications */
export const update: Handler = (call) => {
  const { form } = call;
  configureNotifications(call.service.notifications, {
    logEnabled: form.get("LogEnabled"),
    newMessage: { ...kind(call, "NewMessage"), badgeCountEnabled: form.get("NewMessage.BadgeCountEnabled") },
    newMessageWithMedia: kind(call, "NewMessage.WithMedia"),
    addedToConversation: kind(call, "AddedToConversation"),
    removedFromConversation: kind(call, "RemovedFromConversation"),
  });
  return { status: 200, body: present(call) };
};

function kind({ form }: Call, name: string) {
  return {
    enabled: form.get(`${name}.Enabled`),
    template: form.get(`${name}.Template`),
    sound: form.get(`${name}.Sound`),
  };
}

/** A template or sound that was never set is null (assumed; the examples have all of them). */
function present({ base, service, resources }: Call): unknown {
  const { logEnabled, newMessage, newMessageWithMedia, addedToConversation, removedFromConversation } =
    service.notifications;
  return {
    account_sid: resources.account.sid,
    chat_service_sid: service.sid,
    log_enabled: logEnabled,
    added_to_conversation: addedToConversation,
    new_message: {
      enabled: newMessage.enabled,
      template: newMessage.template,
      badge_count_enabled: newMessage.badgeCountEnabled,
      sound: newMessage.sound,
      with_media: newMessageWithMedia,
    },
    removed_from_conversation: removedFromConversation,
    url: `${base}/Configuration/Notifications`,
  };
}
