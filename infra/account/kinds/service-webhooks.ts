import type { Change } from "../change.ts";
import type { Kind } from "./kind.ts";
import { servicePath } from "./service-path.ts";
import { planFields } from "./settings.ts";

/** A service's own webhooks, which replace those of the account (docs: Per-Service Webhook Resource). */
export const serviceWebhooks: Kind<"services"> = {
  section: "services",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const { service, webhooks } of section) {
      if (webhooks === undefined) continue;
      const { path, of } = await servicePath(context, service);
      const settings = { subject: `the webhooks ${of}`, path: path && `${path}/Configuration/Webhooks` };
      changes.push(...(await planFields(context, settings, webhooks)));
    }
    return changes;
  },
};
