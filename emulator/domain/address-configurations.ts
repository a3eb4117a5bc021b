import { isSid } from "../sid.ts";
import type { AddressConfiguration, AddressType, AutoCreation } from "./account-model.ts";
import { channelOf, isEmail } from "./address.ts";
import { checkFriendlyName } from "./attributes.ts";
import { channelTraits, isChannel } from "./channels.ts";
import { checkFlag } from "./flag.ts";
import type { Resources } from "./resources.ts";
import { addressRules } from "./rules/address.ts";
import { requestRules } from "./rules/request.ts";
import { serviceRules } from "./rules/service.ts";
import { webhookRules } from "./rules/webhook.ts";
import { autoCreationEvents, checkFilters, checkMethod, checkUrl } from "./webhooks.ts";

/** Parameters of autocreation; undefined or an empty list when omitted. */
export interface AutoCreationInput {
  readonly enabled: string | undefined;
  readonly type: string | undefined;
  readonly conversationServiceSid: string | undefined;
  readonly webhookUrl: string | undefined;
  readonly webhookMethod: string | undefined;
  readonly webhookFilters: readonly string[];
  readonly studioFlowSid: string | undefined;
  readonly studioRetryCount: string | undefined;
}

/** Parameters of an address configuration; type, address and country are set at creation only. */
export interface AddressInput {
  readonly type: string | undefined;
  readonly address: string | undefined;
  readonly friendlyName: string | undefined;
  readonly addressCountry: string | undefined;
  readonly autoCreation: AutoCreationInput;
}

const types: ReadonlySet<string> = new Set([...Object.keys(channelTraits), "gbm", "email", "apple", "chat"]);

/**
 * Configures an address of the account, once ("Address Configuration Resource"). SMS, WhatsApp, Messenger and RCS
 * addresses must be numbers or senders that it owns; the others are not checked.
 */
export function createAddress(resources: Resources, input: AddressInput): AddressConfiguration {
  const type = checkAddressType(input.type);
  const address = checkAddress(resources, type, input.address);
  const friendlyName = checkFriendlyName(input.friendlyName ?? "") ?? "";
  const country = input.addressCountry || null;
  if (country !== null && !/^[a-z]{2}$/i.test(country)) throw requestRules.invalidParameter("AddressCountry");
  const autoCreation = checkAutoCreation(resources, input.autoCreation, noAutoCreation);
  if (resources.addressesByAddress.has(keyOf(type, address))) throw addressRules.exists();
  const now = resources.clock.now();
  const configuration: AddressConfiguration = {
    sid: resources.ids.sid("IG"),
    seq: resources.addresses.nextSeq(),
    type,
    address,
    friendlyName,
    addressCountry: country,
    autoCreation,
    dateCreated: now,
    dateUpdated: now,
  };
  resources.addresses.add(configuration);
  resources.addressesByAddress.set(keyOf(type, address), configuration);
  return configuration;
}

/** Finds a configuration by SID or address. */
export function findAddress(resources: Resources, sidOrAddress: string): AddressConfiguration | undefined {
  const configuration =
    resources.addresses.get(sidOrAddress) ?? resources.addressesByAddress.get(sidOrAddress);
  if (configuration !== undefined) return configuration;
  const key = [...types]
    .map((type) => `${type}:${sidOrAddress}`)
    .find((name) => resources.addressesByAddress.has(name));
  return key === undefined ? undefined : resources.addressesByAddress.get(key);
}

/** Changes name and autocreation. Omitted parameters are not changed. */
export function updateAddress(
  resources: Resources,
  configuration: AddressConfiguration,
  input: Pick<AddressInput, "friendlyName" | "autoCreation">,
): void {
  const friendlyName = checkFriendlyName(input.friendlyName ?? configuration.friendlyName) ?? "";
  const autoCreation = checkAutoCreation(resources, input.autoCreation, configuration.autoCreation);
  Object.assign(configuration, { friendlyName, autoCreation, dateUpdated: resources.clock.now() });
}

/** Deletes a configuration. Conversations that it created are kept. */
export function removeAddress(resources: Resources, configuration: AddressConfiguration): void {
  resources.addresses.delete(configuration);
  resources.addressesByAddress.delete(keyOf(configuration.type, configuration.address));
}

/** Parses one of the eight types, case-insensitive. */
export function checkAddressType(type: string | undefined): AddressType {
  const lower = type?.toLowerCase() ?? "";
  if (!types.has(lower)) throw requestRules.invalidParameter("Type");
  return lower as AddressType;
}

/** Autocreation of an address for which it was never configured. */
export const noAutoCreation: AutoCreation = {
  enabled: false,
  type: "default",
  conversationServiceSid: undefined,
  webhookUrl: undefined,
  webhookMethod: undefined,
  webhookFilters: undefined,
  studioFlowSid: undefined,
  studioRetryCount: undefined,
};

/** The address with the prefix of its type, which callers may omit. */
function keyOf(type: AddressType, address: string): string {
  const prefix = isChannel(type) ? channelTraits[type].prefix : `${type}:`;
  return address.startsWith(prefix) ? address : `${prefix}${address}`;
}

function checkAddress(resources: Resources, type: AddressType, address: string | undefined): string {
  if (address === undefined || address === "" || address.length > 256)
    throw requestRules.invalidParameter("Address");
  if (type === "email") {
    if (!isEmail(address)) throw requestRules.invalidParameter("Address");
    return address;
  }
  if (!isChannel(type)) return address;
  const full = keyOf(type, address);
  if (channelOf(full) !== type) throw requestRules.invalidParameter("Address");
  if (!resources.numbers.has(full)) throw addressRules.notOwned();
  return address;
}

/** Parameters of other types of autocreation are ignored. */
function checkAutoCreation(
  resources: Resources,
  input: AutoCreationInput,
  present: AutoCreation,
): AutoCreation {
  const enabled = checkFlag("AutoCreation.Enabled", input.enabled, present.enabled);
  const type = checkAutoCreationType(input.type, present.type);
  const givenService = input.conversationServiceSid || present.conversationServiceSid;
  const conversationServiceSid =
    givenService === undefined ? undefined : resources.services.get(givenService)?.sid;
  if (givenService !== undefined && conversationServiceSid === undefined) throw serviceRules.notFound();
  const webhookUrl = input.webhookUrl ?? present.webhookUrl;
  if (input.webhookUrl !== undefined) checkUrl(input.webhookUrl);
  const method = input.webhookMethod === undefined ? present.webhookMethod : checkMethod(input.webhookMethod);
  checkFilters(input.webhookFilters, autoCreationEvents);
  const studioFlowSid = input.studioFlowSid ?? present.studioFlowSid;
  if (type === "webhook" && webhookUrl === undefined) throw webhookRules.urlMissing();
  const base = { ...noAutoCreation, enabled, type, conversationServiceSid };
  if (type === "studio") {
    if (!isSid("FW", studioFlowSid)) throw webhookRules.flowSidInvalid();
    return { ...base, studioFlowSid, studioRetryCount: checkRetries(input.studioRetryCount, present) };
  }
  if (type === "default") return base;
  const webhookFilters = input.webhookFilters.length === 0 ? present.webhookFilters : input.webhookFilters;
  return { ...base, webhookUrl, webhookMethod: method ?? "POST", webhookFilters };
}

function checkAutoCreationType(
  text: string | undefined,
  present: AutoCreation["type"],
): AutoCreation["type"] {
  const lower = text?.toLowerCase() ?? present;
  if (lower !== "webhook" && lower !== "studio" && lower !== "default")
    throw requestRules.invalidParameter("AutoCreation.Type");
  return lower;
}

function checkRetries(text: string | undefined, present: AutoCreation): number {
  if (text === undefined) return present.studioRetryCount ?? 0;
  if (!/^[0-3]$/.test(text)) throw addressRules.retryCountInvalid();
  return Number(text);
}
