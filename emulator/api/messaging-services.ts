import { isoSeconds } from "../dates.ts";
import type { MessagingService } from "../domain/account-model.ts";
import { NotEmulatedError } from "../domain/errors.ts";
import {
  createMessagingService,
  type MessagingServiceInput,
  removeMessagingService,
  updateMessagingService,
} from "../domain/messaging-services.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Services, on messaging.twilio.com */
export const create: Handler = (call) => {
  const service = createMessagingService(call.resources, input(call));
  return { status: 201, body: present(call, service) };
};

/** GET /Services/{MessagingServiceSid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, messagingServiceOf(call)) });

/** POST /Services/{MessagingServiceSid} */
export const update: Handler = (call) => {
  const service = messagingServiceOf(call);
  updateMessagingService(call.resources, service, input(call));
  return { status: 200, body: present(call, service) };
};

/** DELETE /Services/{MessagingServiceSid} */
export const remove: Handler = (call) => {
  removeMessagingService(call.resources, messagingServiceOf(call));
  return { status: 204 };
};

/** GET /Services */
export const list: Handler = (call) =>
  listResponse(`${call.base}/Services`, call.query, {
    key: "services",
    members: call.resources.messagingServices,
    sidPrefix: "MG",
    defaultSize: 50,
    maxSize: 100,
    present: (service) => present(call, service),
  });

/** The messaging service that the path names, or 404. */
export function messagingServiceOf(call: Call): MessagingService {
  const service = call.resources.messagingServices.get(param(call, "MessagingServiceSid"));
  if (service === undefined) throw notFound(call);
  return service;
}

function input({ form }: Call): MessagingServiceInput {
  if (form.get("InboundMethod")?.toUpperCase() === "GET")
    throw new NotEmulatedError("messaging services with the InboundMethod GET");
  return {
    friendlyName: form.get("FriendlyName"),
    inboundRequestUrl: form.get("InboundRequestUrl"),
    statusCallback: form.get("StatusCallback"),
    useInboundWebhookOnNumber: form.get("UseInboundWebhookOnNumber"),
  };
}

/** Fields that are not stored have the values of a new service. */
function present(call: Call, service: MessagingService): unknown {
  const url = `${call.base}/Services/${service.sid}`;
  return {
    sid: service.sid,
    account_sid: call.resources.account.sid,
    friendly_name: service.friendlyName,
    date_created: isoSeconds(service.dateCreated),
    date_updated: isoSeconds(service.dateUpdated),
    inbound_request_url: service.inboundRequestUrl,
    inbound_method: "POST",
    fallback_url: null,
    fallback_method: "POST",
    status_callback: service.statusCallback,
    sticky_sender: true,
    mms_converter: true,
    smart_encoding: false,
    scan_message_content: "inherit",
    fallback_to_long_code: false,
    area_code_geomatch: true,
    synchronous_validation: false,
    validity_period: 14400,
    usecase: "undeclared",
    us_app_to_person_registered: service.hasCampaign,
    use_inbound_webhook_on_number: service.useInboundWebhookOnNumber,
    url,
    links: { phone_numbers: `${url}/PhoneNumbers` },
  };
}
