import { conversationRules } from "../../domain/rules/conversation.ts";
import { mediaRules } from "../../domain/rules/media.ts";
import { messageRules } from "../../domain/rules/message.ts";
import { messagingRules } from "../../domain/rules/messaging.ts";
import { requestRules } from "../../domain/rules/request.ts";
import * as channels from "../channels.ts";
import * as media from "../media.ts";
import * as messageMedia from "../message-media.ts";
import * as messagingServices from "../messaging-services.ts";
import * as phoneNumbers from "../phone-numbers.ts";
import * as pooledNumbers from "../pooled-numbers.ts";
import * as services from "../services.ts";
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

/** Where the media service's temporary links lead. */
export const mediaRows: readonly Row[] = [
  ["GET", "/{Sid}", media.follow, [mediaRules.linkInvalid, mediaRules.linkExpired], { access: "anyone" }],
];

const messagingService = "/Services/{MessagingServiceSid}";
const messagingFields = [may.requiredName, requestRules.invalidParameter];

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
];

const messageMediaPath = "/Accounts/{AccountSid}/Messages/{MessageSid}/Media";
const owned = "/Accounts/{AccountSid}/IncomingPhoneNumbers";

/** The account's phone numbers. The path of one may end in ".json", as the official clients write it. */
export const phoneNumberRows: readonly Row[] = [
  [
    "POST",
    `${owned}.json`,
    phoneNumbers.create,
    [requestRules.friendlyNameTooLong, messagingRules.phoneNumberInvalid, messagingRules.phoneNumberOwned],
  ],
  ["GET", `${owned}.json`, phoneNumbers.list, may.paging],
  ["GET", `${owned}/{Sid}`, phoneNumbers.fetch],
  ["POST", `${owned}/{Sid}`, phoneNumbers.update, [requestRules.friendlyNameTooLong]],
  ["DELETE", `${owned}/{Sid}`, phoneNumbers.remove],
  ["GET", `${messageMediaPath}.json`, messageMedia.list],
  ["GET", `${messageMediaPath}/{Sid}`, messageMedia.fetch],
];
