import type { Defaults } from "../schema.ts";
import type { Kind } from "./kind.ts";
import { planSettings, pulled } from "./settings.ts";

const PATH = "/v1/Configuration";

/** Defaults of new conversations (docs: Configuration Resource). */
export const defaults: Kind<"defaults"> = {
  section: "defaults",
  async plan({ chatService, messagingService, inactiveTimer, closedTimer }, context) {
    const wanted = new Map<string, unknown>();
    if (chatService !== undefined) {
      const { sid, name } = await context.chatService(chatService);
      wanted.set("defaultChatServiceSid", sid ?? `the new service ${name}`);
    }
    if (messagingService !== undefined) {
      const { sid, name } = await context.messagingService(messagingService);
      wanted.set("defaultMessagingServiceSid", sid ?? `the new service ${name}`);
    }
    if (inactiveTimer !== undefined) wanted.set("defaultInactiveTimer", inactiveTimer);
    if (closedTimer !== undefined) wanted.set("defaultClosedTimer", closedTimer);
    return planSettings(context, { subject: "the account's defaults", path: PATH }, wanted);
  },
  async pull({ api }) {
    const fields = ["ChatServiceSid", "MessagingServiceSid", "InactiveTimer", "ClosedTimer"];
    const found = pulled<Readonly<Record<string, string>>>(
      await api.fetch("conversations", PATH),
      fields.map((field) => `default${field}`),
    );
    const section: Defaults = {
      chatService: found.defaultChatServiceSid,
      messagingService: found.defaultMessagingServiceSid,
      inactiveTimer: found.defaultInactiveTimer,
      closedTimer: found.defaultClosedTimer,
    };
    return section;
  },
};
