import { addressRules } from "../../domain/rules/address.ts";
import { conversationRules } from "../../domain/rules/conversation.ts";
import { credentialRules } from "../../domain/rules/credential.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { serviceRules } from "../../domain/rules/service.ts";
import { webhookRules } from "../../domain/rules/webhook.ts";
import * as addresses from "../addresses.ts";
import * as configuration from "../configuration.ts";
import * as credentials from "../credentials.ts";
import * as notifications from "../notifications.ts";
import * as pushBindings from "../push-bindings.ts";
import * as serviceConfiguration from "../service-configuration.ts";
import * as services from "../services.ts";
import * as webhookConfiguration from "../webhook-configuration.ts";
import type { Row } from "./operation.ts";
import * as may from "./refusals.ts";

const accountSettings = [
  serviceRules.notFound,
  conversationRules.messagingServiceInvalid,
  conversationRules.messagingServiceNotOwned,
  may.timers,
];

const autoCreation = [
  requestRules.friendlyNameTooLong,
  requestRules.invalidParameter,
  serviceRules.notFound,
  webhookRules.urlMissing,
  webhookRules.urlTooLong,
  webhookRules.urlInvalid,
  webhookRules.methodInvalid,
  webhookRules.filterInvalid,
  webhookRules.flowSidInvalid,
  addressRules.retryCountInvalid,
];

const credentialFields = [
  credentialRules.typeInvalid,
  requestRules.friendlyNameTooLong,
  requestRules.invalidParameter,
];

/** Operations that exist only for the account. */
export const accountOnly: readonly Row[] = [
  ["GET", "/Configuration", configuration.fetch],
  ["POST", "/Configuration", configuration.update, accountSettings],
  ["GET", "/Configuration/Addresses", addresses.list, may.paging],
  [
    "POST",
    "/Configuration/Addresses",
    addresses.create,
    [autoCreation, addressRules.notOwned, addressRules.exists],
  ],
  ["GET", "/Configuration/Addresses/{Sid}", addresses.fetch],
  ["POST", "/Configuration/Addresses/{Sid}", addresses.update, autoCreation],
  ["DELETE", "/Configuration/Addresses/{Sid}", addresses.remove],
  ["GET", "/Configuration/Webhooks", webhookConfiguration.fetch],
  ["POST", "/Configuration/Webhooks", webhookConfiguration.update, may.webhookTargets],
  // The older path, used by one page and by official libraries up to twilio-node 3.41.
  ["GET", "/Conversations/Webhooks", webhookConfiguration.fetch],
  ["POST", "/Conversations/Webhooks", webhookConfiguration.update, may.webhookTargets],
  ["POST", "/Credentials", credentials.create, credentialFields],
  ["GET", "/Credentials", credentials.list, may.paging],
  ["POST", "/Credentials/{Sid}", credentials.update, credentialFields],
  ["DELETE", "/Credentials/{Sid}", credentials.remove],
  ["GET", "/Credentials/{Sid}", credentials.fetch],
  ["POST", "/Services", services.create, may.requiredName],
  ["GET", "/Services", services.list, may.paging],
  ["DELETE", "/Services/{Sid}", services.remove, [serviceRules.isDefault]],
  ["GET", "/Services/{Sid}", services.fetch],
];

/** Operations that exist only for a service in the path. */
export const serviceOnly: readonly Row[] = [
  ["GET", "/Bindings", pushBindings.list, [may.paging, credentialRules.typeInvalid]],
  ["GET", "/Bindings/{Sid}", pushBindings.fetch],
  ["DELETE", "/Bindings/{Sid}", pushBindings.remove],
  ["GET", "/Configuration", serviceConfiguration.fetch],
  [
    "POST",
    "/Configuration",
    serviceConfiguration.update,
    [serviceRules.creatorRoleNotFound, may.conversationRole, may.serviceRole, requestRules.invalidParameter],
  ],
  ["GET", "/Configuration/Notifications", notifications.fetch],
  [
    "POST",
    "/Configuration/Notifications",
    notifications.update,
    [requestRules.invalidParameter, serviceRules.templateTooLong, serviceRules.soundTooLong],
  ],
  ["GET", "/Configuration/Webhooks", webhookConfiguration.fetch],
  ["POST", "/Configuration/Webhooks", webhookConfiguration.update, may.webhookTargets],
];
