import { conversationRules } from "../../domain/rules/conversation.ts";
import { mediaRules } from "../../domain/rules/media.ts";
import { messageRules } from "../../domain/rules/message.ts";
import { messagingRules } from "../../domain/rules/messaging.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { textingRules } from "../../domain/rules/texting.ts";
import * as account from "../account.ts";
import * as alerts from "../alerts.ts";
import * as availableNumbers from "../available-numbers.ts";
import * as campaigns from "../campaigns.ts";
import * as channelMessages from "../channel-messages.ts";
import * as channelSenders from "../channel-senders.ts";
import * as channels from "../channels.ts";
import * as media from "../media.ts";
import * as messageMedia from "../message-media.ts";
import * as messagingServices from "../messaging-services.ts";
import * as phoneNumbers from "../phone-numbers.ts";
import * as pooledNumbers from "../pooled-numbers.ts";
import * as services from "../services.ts";
import * as typing from "../typing.ts";
import type { Row } from "./operation.ts";
import * as may from "./refusals.ts";

/** The Chat API, version 3: the migration of channels. */
export const chatRows: readonly Row[] = [
  [
    "POST",
    "/Services/{ChatServiceSid}/Channels/{Sid}",
    channels.update,
    [
      may.changeable,
      may.preAction,
      conversationRules.typeNotPrivate,
      conversationRules.uniqueNameTaken,
      conversationRules.messagingServiceInvalid,
      conversationRules.messagingServiceNotOwned,
    ],
  ],
];

const mediaPath = "/Services/{ChatServiceSid}/Media";

/** The media service. */
export const mcsRows: readonly Row[] = [
  ["GET", "/Services", services.list, may.paging],
  [
    "POST",
    mediaPath,
    media.create,
    [
      mediaRules.notMultipart,
      messageRules.mediaTypeInvalid,
      messageRules.mediaTooLarge,
      requestRules.invalidParameter,
    ],
    { access: "user" },
  ],
  ["GET", `${mediaPath}/{Sid}`, media.fetch, [], { access: "user" }],
  ["GET", `${mediaPath}/{Sid}/Content`, media.fetchContent, [], { access: "user" }],
  [
    "POST",
    "/Services/{ChatServiceSid}/MediaSet",
    media.fetchSet,
    [mediaRules.setInvalid],
    { access: "user" },
  ],
];

/** Temporary links of the media service. */
export const mediaRows: readonly Row[] = [
  ["GET", "/{Sid}", media.follow, [mediaRules.linkInvalid, mediaRules.linkExpired], { access: "anyone" }],
];

const messagingService = "/Services/{MessagingServiceSid}";
const messagingFields = [may.requiredName, requestRules.invalidParameter, textingRules.statusCallbackInvalid];

/** The Messaging API: messaging services and their numbers. */
export const messagingRows: readonly Row[] = [
  ["POST", "/Services", messagingServices.create, messagingFields],
  ["GET", "/Services", messagingServices.list, may.paging],
  ["GET", messagingService, messagingServices.fetch],
  ["POST", messagingService, messagingServices.update, messagingFields],
  ["DELETE", messagingService, messagingServices.remove, [messagingRules.isDefault]],
  [
    "POST",
    `${messagingService}/PhoneNumbers`,
    pooledNumbers.create,
    [messagingRules.numberNotFound, messagingRules.numberPooled],
  ],
  ["GET", `${messagingService}/PhoneNumbers`, pooledNumbers.list, may.paging],
  ["GET", `${messagingService}/PhoneNumbers/{Sid}`, pooledNumbers.fetch],
  ["DELETE", `${messagingService}/PhoneNumbers/{Sid}`, pooledNumbers.remove],
  [
    "POST",
    `${messagingService}/Compliance/Usa2p`,
    campaigns.create,
    [messagingRules.campaignExists, requestRules.invalidParameter],
  ],
  ["GET", `${messagingService}/Compliance/Usa2p`, campaigns.list],
  ["GET", `${messagingService}/Compliance/Usa2p/{Sid}`, campaigns.fetch],
  ["DELETE", `${messagingService}/Compliance/Usa2p/{Sid}`, campaigns.remove],
];

/** The Messaging API, version 2. */
export const messagingV2Rows: readonly Row[] = [
  ["GET", "/Channels/Senders", channelSenders.list, [...may.paging, requestRules.invalidParameter]],
  ["GET", "/Channels/Senders/{Sid}", channelSenders.fetch],
  [
    "POST",
    "/Indicators/Typing.json",
    typing.create,
    [messagingRules.typingChannelInvalid, messagingRules.typingMessageInvalid],
  ],
];

/** Monitor: alerts of failed webhooks. */
export const monitorRows: readonly Row[] = [
  ["GET", "/Alerts", alerts.list, may.paging],
  ["GET", "/Alerts/{Sid}", alerts.fetch],
];

const keys = "/Accounts/{AccountSid}/Keys";
const messages = "/Accounts/{AccountSid}/Messages";
const messageMediaPath = `${messages}/{MessageSid}/Media`;
const withoutUpdate = Object.values(textingRules).filter((rule) => rule !== textingRules.bodyNotRedactable);
const owned = "/Accounts/{AccountSid}/IncomingPhoneNumbers";
const available = "/Accounts/{AccountSid}/AvailablePhoneNumbers";

/** The account: numbers, messages, keys. A path may end in ".json", as in official clients. */
export const accountRows: readonly Row[] = [
  [
    "POST",
    `${owned}.json`,
    phoneNumbers.create,
    [requestRules.friendlyNameTooLong, messagingRules.phoneNumberInvalid, messagingRules.phoneNumberOwned],
  ],
  ["GET", `${owned}.json`, phoneNumbers.list, may.legacyPaging],
  ["GET", `${owned}/{Sid}`, phoneNumbers.fetch],
  ["POST", `${owned}/{Sid}`, phoneNumbers.update, [requestRules.friendlyNameTooLong]],
  ["DELETE", `${owned}/{Sid}`, phoneNumbers.remove],
  ["GET", "/Accounts/{AccountSid}", account.fetch],
  ["POST", `${keys}.json`, account.createKey, [requestRules.friendlyNameTooLong]],
  ["GET", `${keys}.json`, account.listKeys, may.legacyPaging],
  ["GET", `${keys}/{Sid}`, account.fetchKey],
  ["POST", `${keys}/{Sid}`, account.updateKey, [requestRules.friendlyNameTooLong]],
  ["DELETE", `${keys}/{Sid}`, account.removeKey],
  ["GET", `${available}.json`, availableNumbers.listCountries],
  ["GET", `${available}/{CountryCode}`, availableNumbers.fetchCountry],
  [
    "GET",
    `${available}/{CountryCode}/{Kind}`,
    availableNumbers.list,
    [requestRules.invalidParameter, requestRules.pageSizeTooLarge],
  ],
  ["POST", `${messages}.json`, channelMessages.create, withoutUpdate],
  ["GET", `${messages}.json`, channelMessages.list, may.legacyPaging],
  ["GET", `${messages}/{Sid}`, channelMessages.fetch],
  ["POST", `${messages}/{Sid}`, channelMessages.update, [textingRules.bodyNotRedactable]],
  ["DELETE", `${messages}/{Sid}`, channelMessages.remove],
  ["GET", `${messageMediaPath}.json`, messageMedia.list],
  ["GET", `${messageMediaPath}/{Sid}`, messageMedia.fetch],
];
