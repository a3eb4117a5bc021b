import { isSid, type Sid } from "../sid.ts";
import type { MessagingService, OwnedNumber, PooledNumber } from "./account-model.ts";
import { checkRequiredName } from "./attributes.ts";
import { channelTraits } from "./channels.ts";
import { Collection } from "./collection.ts";
import { checkFlag } from "./flag.ts";
import type { Resources } from "./resources.ts";
import { conversationRules } from "./rules/conversation.ts";
import { messagingRules } from "./rules/messaging.ts";
import { textingRules } from "./rules/texting.ts";
import { isHttpUrl } from "./url.ts";

/** Parameters of a messaging service; undefined when omitted. */
export interface MessagingServiceInput {
  readonly friendlyName: string | undefined;
  readonly inboundRequestUrl: string | undefined;
  readonly statusCallback: string | undefined;
  readonly useInboundWebhookOnNumber: string | undefined;
}

/** Creates a messaging service, with an empty pool of numbers. */
export function createMessagingService(resources: Resources, input: MessagingServiceInput): MessagingService {
  const friendlyName = checkRequiredName(input.friendlyName);
  const useInboundWebhookOnNumber = checkFlag(
    "UseInboundWebhookOnNumber",
    input.useInboundWebhookOnNumber,
    false,
  );
  const statusCallback = checkStatusCallback(input.statusCallback);
  const service = newMessagingService(resources, friendlyName, resources.messagingServices.nextSeq());
  service.inboundRequestUrl = input.inboundRequestUrl || null;
  service.statusCallback = statusCallback;
  service.useInboundWebhookOnNumber = useInboundWebhookOnNumber;
  resources.messagingServices.add(service);
  return service;
}

/** A new messaging service with its default settings. */
export function newMessagingService(
  { ids, clock }: Pick<Resources, "ids" | "clock">,
  friendlyName: string,
  seq: number,
): MessagingService {
  const now = clock.now();
  return {
    sid: ids.sid("MG"),
    seq,
    friendlyName,
    inboundRequestUrl: null,
    statusCallback: null,
    useInboundWebhookOnNumber: false,
    autoCreates: false,
    numbers: new Collection(),
    hasCampaign: false,
    campaign: null,
    dateCreated: now,
    dateUpdated: now,
  };
}

/** Changes a messaging service. */
export function updateMessagingService(
  resources: Resources,
  service: MessagingService,
  input: MessagingServiceInput,
): void {
  const { inboundRequestUrl, statusCallback } = input;
  const friendlyName = checkRequiredName(input.friendlyName ?? service.friendlyName);
  const present = service.useInboundWebhookOnNumber;
  const useInboundWebhookOnNumber = checkFlag(
    "UseInboundWebhookOnNumber",
    input.useInboundWebhookOnNumber,
    present,
  );
  const callback =
    statusCallback === undefined ? service.statusCallback : checkStatusCallback(statusCallback);
  if (inboundRequestUrl !== undefined) service.inboundRequestUrl = inboundRequestUrl || null;
  service.statusCallback = callback;
  Object.assign(service, { friendlyName, useInboundWebhookOnNumber, dateUpdated: resources.clock.now() });
}

/** Null for an empty URL. */
function checkStatusCallback(url: string | undefined): string | null {
  if (!url) return null;
  if (!isHttpUrl(url)) throw textingRules.statusCallbackInvalid();
  return url;
}

/** Whether it is a phone number, not a sender on another channel. */
export function isPhoneNumber({ channel }: Pick<OwnedNumber, "channel">): boolean {
  return channelTraits[channel].senderSid === "PN";
}

/** The messaging service whose pool the number is in, if any. */
export function poolOf(resources: Resources, number: OwnedNumber): MessagingService | undefined {
  return [...resources.messagingServices.values()].find(
    ({ numbers }) => numbers.get(number.sid) !== undefined,
  );
}

/** Deletes a messaging service. Conversations with it keep its SID. */
export function removeMessagingService(resources: Resources, service: MessagingService): void {
  if (service.sid === resources.account.defaultMessagingServiceSid) throw messagingRules.isDefault();
  resources.messagingServices.delete(service);
}

/** Adds a number of the account, given by its SID, to the pool. A number is in one pool at a time. */
export function poolNumber(
  resources: Resources,
  service: MessagingService,
  sid: string | undefined,
): PooledNumber {
  const number = resources.ownedNumbers.get(sid ?? "");
  if (number === undefined || !isPhoneNumber(number)) throw messagingRules.numberNotFound();
  if (poolOf(resources, number) !== undefined) throw messagingRules.numberPooled();
  const pooled = {
    sid: number.sid,
    seq: service.numbers.nextSeq(),
    number,
    dateCreated: resources.clock.now(),
  };
  service.numbers.add(pooled);
  return pooled;
}

/** Removes a number from its pool. */
export function unpoolNumber(resources: Resources, number: OwnedNumber): void {
  for (const service of resources.messagingServices.values()) {
    const pooled = service.numbers.get(number.sid);
    if (pooled !== undefined) service.numbers.delete(pooled);
  }
}

/** Checks the SID of a messaging service of the account. */
export function checkMessagingService(resources: Resources, sid: string): Sid<"MG"> {
  if (!isSid("MG", sid)) throw conversationRules.messagingServiceInvalid();
  if (resources.messagingServices.get(sid) === undefined) throw conversationRules.messagingServiceNotOwned();
  return sid;
}
