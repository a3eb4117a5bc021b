import type { Webhooks } from "../schema.ts";
import type { Kind } from "./kind.ts";
import { planFields, pulled } from "./settings.ts";

const PATH = "/v1/Configuration/Webhooks";
export const WEBHOOK_FIELDS = ["preWebhookUrl", "postWebhookUrl", "method", "filters"];

/** The webhooks of services that have none of their own (docs: Webhook Configuration Resource). */
export const webhooks: Kind<"webhooks"> = {
  section: "webhooks",
  plan: (section, context) => planFields(context, { subject: "the account's webhooks", path: PATH }, section),
  async pull({ api }) {
    const section = pulled<Webhooks>(await api.fetch("conversations", PATH), [...WEBHOOK_FIELDS, "target"]);
    return section.preWebhookUrl || section.postWebhookUrl ? section : undefined;
  },
};
