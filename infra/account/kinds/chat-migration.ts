import { omitUndefined } from "../../../core/omit-undefined.ts";
import type { Change } from "../change.ts";
import type { Kind } from "./kind.ts";
import { servicePath } from "./service-path.ts";

/**
 * Channels of Programmable Chat as conversations (docs: Migrating to Conversations from Programmable Chat). Private ones
 * already are; public ones become private by a request to the Chat API, which cannot be reverted.
 */
export const chatMigration: Kind<"chatMigration"> = {
  section: "chatMigration",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const { service, channels, messagingService } of section) {
      const { path, of } = await servicePath(context, service);
      const messaging =
        messagingService === undefined ? undefined : await context.messagingService(messagingService);
      const to = messaging && (messaging.sid ?? `the new service ${messaging.name}`);
      for (const channel of channels) {
        const conversation =
          path === undefined
            ? undefined
            : await context.api.find("conversations", `${path}/Conversations/${channel}`);
        const form = omitUndefined({ Type: "private", MessagingServiceSid: to });
        if (conversation === undefined) {
          changes.push({
            action: "create",
            subject: `the conversation of the channel ${channel} ${of}`,
            differences: [{ field: "type", from: "public", to: "private" }],
            run: () => context.api.post("chat", `${path}/Channels/${channel}`.replace("/v1/", "/v3/"), form),
          });
        } else if (to !== undefined && conversation.messaging_service_sid !== to) {
          changes.push({
            action: "update",
            subject: `the conversation ${channel} ${of}`,
            differences: [{ field: "messagingServiceSid", from: conversation.messaging_service_sid, to }],
            run: () =>
              context.api.post("conversations", `${path}/Conversations/${channel}`, {
                MessagingServiceSid: to,
              }),
          });
        }
      }
    }
    return changes;
  },
};
