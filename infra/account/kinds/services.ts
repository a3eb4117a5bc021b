import { omitUndefined } from "../../../core/omit-undefined.ts";
import type { Change } from "../change.ts";
import type { Context } from "../context.ts";
import type { Service } from "../schema.ts";
import type { Kind } from "./kind.ts";
import { NOTIFICATION_FIELDS } from "./notifications.ts";
import { readRoles } from "./roles.ts";
import { servicePath } from "./service-path.ts";
import { pulled } from "./settings.ts";
import { WEBHOOK_FIELDS } from "./webhooks.ts";

/** Conversations services (docs: Conversation Service Resource). They are never deleted, since their conversations would be deleted too. */
export const services: Kind<"services"> = {
  section: "services",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const { service } of section) {
      const { sid, name } = await context.chatService(service);
      if (sid !== undefined) continue;
      changes.push({
        action: "create",
        subject: `the Conversations service ${name}`,
        differences: [],
        run: () => context.api.post("conversations", "/v1/Services", { FriendlyName: name }),
      });
    }
    return changes;
  },
  async pull(context) {
    const found = await context.list("conversations", "/v1/Services?PageSize=100", "services");
    return Promise.all(found.map(({ sid }) => pullService(context, String(sid))));
  },
};

async function pullService(context: Context, service: string): Promise<Service> {
  const path = await servicePath(context, service);
  const fetch = (rest: string) => context.api.fetch("conversations", `${path.path}${rest}`);
  const { roles, defaults } = await readRoles(context, `${path.path}`);
  const nameOf = (sid: string) => String(roles.find((role) => role.sid === sid)?.friendly_name ?? "");
  const { reachability_enabled } = await fetch("/Configuration");
  const webhooks = pulled<NonNullable<Service["webhooks"]>>(
    await fetch("/Configuration/Webhooks"),
    WEBHOOK_FIELDS,
  );
  return {
    service,
    ...omitUndefined({ webhooks: webhooks.preWebhookUrl || webhooks.postWebhookUrl ? webhooks : undefined }),
    roles: roles.map(({ friendly_name, type, permissions }) => ({
      name: String(friendly_name),
      type: type === "service" ? "service" : "conversation",
      permissions: Array.isArray(permissions) ? permissions.map(String) : [],
    })),
    defaultRoles: {
      service: nameOf(defaults.service),
      conversation: nameOf(defaults.conversation),
      conversationCreator: nameOf(defaults.conversationCreator),
    },
    reachabilityEnabled: reachability_enabled === true,
    notifications: pulled(await fetch("/Configuration/Notifications"), NOTIFICATION_FIELDS),
  };
}
