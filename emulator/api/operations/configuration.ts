import * as webhookConfiguration from "../webhook-configuration.ts";
import type { Row } from "./operation.ts";
import * as may from "./refusals.ts";

/** What exists for the account alone. */
export const accountOnly: readonly Row[] = [
  ["GET", "/Configuration"],
  ["POST", "/Configuration"],
  ["GET", "/Configuration/Addresses"],
  ["POST", "/Configuration/Addresses"],
  ["GET", "/Configuration/Addresses/{Sid}"],
  ["POST", "/Configuration/Addresses/{Sid}"],
  ["DELETE", "/Configuration/Addresses/{Sid}"],
  ["GET", "/Configuration/Webhooks", webhookConfiguration.fetch],
  ["POST", "/Configuration/Webhooks", webhookConfiguration.update, may.webhookTargets],
  ["POST", "/Credentials"],
  ["GET", "/Credentials"],
  ["POST", "/Credentials/{Sid}"],
  ["DELETE", "/Credentials/{Sid}"],
  ["GET", "/Credentials/{Sid}"],
  ["POST", "/Services"],
  ["GET", "/Services"],
  ["DELETE", "/Services/{Sid}"],
  ["GET", "/Services/{Sid}"],
];

/** What exists only for a service that the path names. */
export const serviceOnly: readonly Row[] = [
  ["GET", "/Bindings"],
  ["GET", "/Bindings/{Sid}"],
  ["DELETE", "/Bindings/{Sid}"],
  ["GET", "/Configuration"],
  ["POST", "/Configuration"],
  ["GET", "/Configuration/Notifications"],
  ["POST", "/Configuration/Notifications"],
  ["GET", "/Configuration/Webhooks", webhookConfiguration.fetch],
  ["POST", "/Configuration/Webhooks", webhookConfiguration.update, may.webhookTargets],
];
