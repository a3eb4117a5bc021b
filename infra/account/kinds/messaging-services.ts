import { omitUndefined } from "../../../core/omit-undefined.ts";
import { type Change, differencesOf, flatten, formOf, formOfDifferences } from "../change.ts";
import type { Kind } from "./kind.ts";

/** Messaging services as Conversations uses them. They are never deleted, since other products may use them. */
export const messagingServices: Kind<"messagingServices"> = {
  section: "messagingServices",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const { service, numbers: _numbers, ...settings } of section) {
      const { sid, name } = await context.messagingService(service);
      const wanted = flatten(settings);
      const path = sid === undefined ? "/v1/Services" : `/v1/Services/${sid}`;
      const present = sid === undefined ? {} : await context.api.fetch("messaging", path);
      const differences = differencesOf(wanted, present);
      if (sid !== undefined && differences.length === 0) continue;
      const form =
        sid === undefined ? { FriendlyName: name, ...formOf(wanted) } : formOfDifferences(differences);
      changes.push({
        action: sid === undefined ? "create" : "update",
        subject: `the messaging service ${name}`,
        differences,
        run: () => context.api.post("messaging", path, form),
      });
    }
    return changes;
  },
  async pull(context) {
    const services = await context.list("messaging", "/v1/Services?PageSize=100", "services");
    return Promise.all(
      services.map(async ({ sid, inbound_request_url, use_inbound_webhook_on_number }) => {
        const pool = await context.list(
          "messaging",
          `/v1/Services/${sid}/PhoneNumbers?PageSize=100`,
          "phone_numbers",
        );
        return {
          service: String(sid),
          ...omitUndefined({
            inboundRequestUrl: typeof inbound_request_url === "string" ? inbound_request_url : undefined,
          }),
          useInboundWebhookOnNumber: use_inbound_webhook_on_number === true,
          numbers: pool.map(({ phone_number }) => String(phone_number)),
        };
      }),
    );
  },
};
