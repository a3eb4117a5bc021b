import { isoSeconds } from "../dates.ts";
import type { AddressConfiguration, AutoCreation } from "../domain/account-model.ts";
import {
  type AutoCreationInput,
  checkAddressType,
  createAddress,
  findAddress,
  removeAddress,
  updateAddress,
} from "../domain/address-configurations.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Configuration/Addresses */
export const create: Handler = (call) => {
  const { form } = call;
  const address = createAddress(call.resources, {
    type: form.get("Type"),
    address: form.get("Address"),
    friendlyName: form.get("FriendlyName"),
    addressCountry: form.get("AddressCountry"),
    autoCreation: autoCreation(call),
  });
  return { status: 201, body: present(call, address) };
};

/** GET /Configuration/Addresses/{Sid}, by SID or address */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, addressOf(call)) });

/** POST /Configuration/Addresses/{Sid}, by SID or address */
export const update: Handler = (call) => {
  const address = addressOf(call);
  const friendlyName = call.form.get("FriendlyName");
  updateAddress(call.resources, address, { friendlyName, autoCreation: autoCreation(call) });
  return { status: 200, body: present(call, address) };
};

/** DELETE /Configuration/Addresses/{Sid}, by SID or address */
export const remove: Handler = (call) => {
  removeAddress(call.resources, addressOf(call));
  return { status: 204 };
};

/** GET /Configuration/Addresses */
export const list: Handler = (call) => {
  const given = call.query.get("Type");
  const type = given ? checkAddressType(given) : undefined;
  return listResponse(`${call.base}/Configuration/Addresses`, call.query, {
    key: "address_configurations",
    members: call.resources.addresses,
    sidPrefix: "IG",
    defaultSize: 50,
    maxSize: 50,
    filters: given ? [["Type", given]] : [],
    keep: (address) => type === undefined || address.type === type,
    present: (address) => present(call, address),
  });
};

function addressOf(call: Call): AddressConfiguration {
  const address = findAddress(call.resources, param(call, "Sid"));
  if (address === undefined) throw notFound(call);
  return address;
}

function autoCreation({ form }: Call): AutoCreationInput {
  return {
    enabled: form.get("AutoCreation.Enabled"),
    type: form.get("AutoCreation.Type"),
    conversationServiceSid: form.get("AutoCreation.ConversationServiceSid"),
    webhookUrl: form.get("AutoCreation.WebhookUrl"),
    webhookMethod: form.get("AutoCreation.WebhookMethod"),
    webhookFilters: form.all("AutoCreation.WebhookFilters"),
    studioFlowSid: form.get("AutoCreation.StudioFlowSid"),
    studioRetryCount: form.get("AutoCreation.StudioRetryCount"),
  };
}

function present(call: Call, address: AddressConfiguration): unknown {
  return {
    account_sid: call.resources.account.sid,
    sid: address.sid,
    address: address.address,
    type: address.type,
    friendly_name: address.friendlyName,
    address_country: address.addressCountry,
    auto_creation: presentAutoCreation(address.autoCreation),
    date_created: isoSeconds(address.dateCreated),
    date_updated: isoSeconds(address.dateUpdated),
    url: `${call.base}/Configuration/Addresses/${address.sid}`,
  };
}

/** Contains only the fields of its type; undefined ones are omitted. */
function presentAutoCreation(auto: AutoCreation): unknown {
  return {
    enabled: auto.enabled,
    type: auto.type,
    conversation_service_sid: auto.conversationServiceSid,
    webhook_url: auto.webhookUrl,
    webhook_method: auto.webhookMethod,
    webhook_filters: auto.webhookFilters,
    studio_flow_sid: auto.studioFlowSid,
    studio_retry_count: auto.studioRetryCount,
  };
}
