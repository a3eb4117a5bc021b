import { isoSeconds } from "../dates.ts";
import type { Campaign, MessagingService } from "../domain/account-model.ts";
import { checkFlag } from "../domain/flag.ts";
import { messagingRules } from "../domain/rules/messaging.ts";
import { requestRules } from "../domain/rules/request.ts";
import { isSid } from "../sid.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";
import { messagingServiceOf } from "./messaging-services.ts";

/*
 * A messaging service's A2P 10DLC campaign. It is PENDING until POST /_emulator/campaigns changes it.
 */

/** POST /Services/{MessagingServiceSid}/Compliance/Usa2p */
export const create: Handler = (call) => {
  const service = messagingServiceOf(call);
  if (service.campaign !== null) throw messagingRules.campaignExists();
  const { form, resources } = call;
  const text = (name: string, least: number, most: number) => {
    const value = form.get(name) ?? "";
    if (value.length < least || value.length > most) throw requestRules.invalidParameter(name);
    return value;
  };
  const brandSid = text("BrandRegistrationSid", 34, 34);
  if (!isSid("BN", brandSid)) throw requestRules.invalidParameter("BrandRegistrationSid");
  const samples = form.all("MessageSamples");
  const isSample = (sample: string) => sample.length >= 20 && sample.length <= 1024;
  if (samples.length < 2 || samples.length > 5 || !samples.every(isSample))
    throw requestRules.invalidParameter("MessageSamples");
  const now = resources.clock.now();
  service.campaign = {
    sid: resources.ids.sid("QE"),
    brandSid,
    description: text("Description", 40, 4096),
    messageFlow: text("MessageFlow", 40, 2048),
    samples,
    usecase: text("UsAppToPersonUsecase", 1, 64),
    hasLinks: checkFlag("HasEmbeddedLinks", form.get("HasEmbeddedLinks"), false),
    hasPhone: checkFlag("HasEmbeddedPhone", form.get("HasEmbeddedPhone"), false),
    dateCreated: now,
  };
  return { status: 201, body: present(call, service, service.campaign) };
};

/** GET /Services/{MessagingServiceSid}/Compliance/Usa2p */
export const list: Handler = (call) => {
  const service = messagingServiceOf(call);
  const url = `${call.base}/Services/${service.sid}/Compliance/Usa2p`;
  const compliance = service.campaign === null ? [] : [present(call, service, service.campaign)];
  const page = { page: 0, page_size: 50, first_page_url: url, previous_page_url: null, next_page_url: null };
  return { status: 200, body: { compliance, meta: { ...page, key: "compliance", url } } };
};

/** GET /Services/{MessagingServiceSid}/Compliance/Usa2p/{Sid} */
export const fetch: Handler = (call) => {
  const { service, campaign } = campaignOf(call);
  return { status: 200, body: present(call, service, campaign) };
};

/** DELETE /Services/{MessagingServiceSid}/Compliance/Usa2p/{Sid}: its numbers are no longer registered */
export const remove: Handler = (call) => {
  const { service } = campaignOf(call);
  Object.assign(service, { campaign: null, hasCampaign: false });
  return { status: 204 };
};

function campaignOf(call: Call): { service: MessagingService; campaign: Campaign } {
  const service = messagingServiceOf(call);
  const { campaign } = service;
  if (campaign === null || campaign.sid !== param(call, "Sid")) throw notFound(call);
  return { service, campaign };
}

function present(call: Call, service: MessagingService, campaign: Campaign): unknown {
  const date = isoSeconds(campaign.dateCreated);
  return {
    sid: campaign.sid,
    account_sid: call.resources.account.sid,
    brand_registration_sid: campaign.brandSid,
    messaging_service_sid: service.sid,
    description: campaign.description,
    message_flow: campaign.messageFlow,
    message_samples: campaign.samples,
    us_app_to_person_usecase: campaign.usecase,
    has_embedded_links: campaign.hasLinks,
    has_embedded_phone: campaign.hasPhone,
    campaign_status: service.hasCampaign ? "VERIFIED" : "PENDING",
    campaign_id: null,
    is_externally_registered: false,
    rate_limits: null,
    errors: [],
    mock: false,
    date_created: date,
    date_updated: date,
    url: `${call.base}/Services/${service.sid}/Compliance/Usa2p/${campaign.sid}`,
  };
}
