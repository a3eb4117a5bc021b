import type { Change } from "../change.ts";
import type { Kind } from "./kind.ts";
import { servicePath } from "./service-path.ts";
import { planFields } from "./settings.ts";

const notice = (name: string) => [`${name}.enabled`, `${name}.template`, `${name}.sound`];
export const NOTIFICATION_FIELDS = [
  "logEnabled",
  ...notice("newMessage"),
  "newMessage.badgeCountEnabled",
  "newMessage.withMedia.enabled",
  "newMessage.withMedia.template",
  ...notice("addedToConversation"),
  ...notice("removedFromConversation"),
];

/** Push notifications: for which events, and with which texts (docs: Push Notification Configuration). */
export const notifications: Kind<"services"> = {
  section: "services",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const { service, notifications } of section) {
      if (notifications === undefined) continue;
      const { path, of } = await servicePath(context, service);
      const settings = {
        subject: `the push notifications ${of}`,
        path: path && `${path}/Configuration/Notifications`,
      };
      changes.push(...(await planFields(context, settings, notifications)));
    }
    return changes;
  },
};
