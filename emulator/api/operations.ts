import type { Handler } from "./call.ts";
import * as content from "./content.ts";
import * as conversations from "./conversations.ts";
import * as messages from "./messages.ts";
import * as participants from "./participants.ts";
import * as receipts from "./receipts.ts";
import * as scopedWebhooks from "./scoped-webhooks.ts";
import * as users from "./users.ts";
import * as webhookConfiguration from "./webhook-configuration.ts";

/** One operation of a Twilio API. Without a handler it is known and not emulated. */
export interface Operation {
  readonly product: "conversations" | "content";
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With the names of the parameters in braces, as the specification has them. */
  readonly path: string;
  readonly handler: Handler | undefined;
}

type Row = readonly [method: Operation["method"], path: string, handler?: Handler];

const conversation = "/Conversations/{ConversationSid}";
const receiptsPath = `${conversation}/Messages/{MessageSid}/Receipts`;
const userConversation = "/Users/{UserSid}/Conversations/{ConversationSid}";

/** What exists for the default service under /v1 and for any service under /v1/Services/{ChatServiceSid}. */
const bothFamilies: readonly Row[] = [
  ["POST", "/Conversations", conversations.create],
  ["GET", "/Conversations", conversations.list],
  ["POST", "/Conversations/{Sid}", conversations.update],
  ["DELETE", "/Conversations/{Sid}", conversations.remove],
  ["GET", "/Conversations/{Sid}", conversations.fetch],
  ["POST", `${conversation}/Messages`, messages.create],
  ["GET", `${conversation}/Messages`, messages.list],
  ["POST", `${conversation}/Messages/{Sid}`, messages.update],
  ["DELETE", `${conversation}/Messages/{Sid}`, messages.remove],
  ["GET", `${conversation}/Messages/{Sid}`, messages.fetch],
  ["GET", receiptsPath, receipts.list],
  ["GET", `${receiptsPath}/{Sid}`, receipts.fetch],
  ["POST", `${conversation}/Participants`, participants.create],
  ["GET", `${conversation}/Participants`, participants.list],
  ["POST", `${conversation}/Participants/{Sid}`, participants.update],
  ["DELETE", `${conversation}/Participants/{Sid}`, participants.remove],
  ["GET", `${conversation}/Participants/{Sid}`, participants.fetch],
  ["POST", `${conversation}/Webhooks`, scopedWebhooks.create],
  ["GET", `${conversation}/Webhooks`, scopedWebhooks.list],
  ["POST", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.update],
  ["DELETE", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.remove],
  ["GET", `${conversation}/Webhooks/{Sid}`, scopedWebhooks.fetch],
  ["POST", "/ConversationWithParticipants"],
  ["GET", "/ParticipantConversations"],
  ["POST", "/Roles"],
  ["GET", "/Roles"],
  ["POST", "/Roles/{Sid}"],
  ["DELETE", "/Roles/{Sid}"],
  ["GET", "/Roles/{Sid}"],
  ["POST", "/Users", users.create],
  ["GET", "/Users", users.list],
  ["POST", "/Users/{Sid}", users.update],
  ["DELETE", "/Users/{Sid}", users.remove],
  ["GET", "/Users/{Sid}", users.fetch],
  ["GET", "/Users/{UserSid}/Conversations"],
  ["POST", userConversation],
  ["DELETE", userConversation],
  ["GET", userConversation],
];

const accountOnly: readonly Row[] = [
  ["GET", "/Configuration"],
  ["POST", "/Configuration"],
  ["GET", "/Configuration/Addresses"],
  ["POST", "/Configuration/Addresses"],
  ["GET", "/Configuration/Addresses/{Sid}"],
  ["POST", "/Configuration/Addresses/{Sid}"],
  ["DELETE", "/Configuration/Addresses/{Sid}"],
  ["GET", "/Configuration/Webhooks", webhookConfiguration.fetch],
  ["POST", "/Configuration/Webhooks", webhookConfiguration.update],
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

const serviceOnly: readonly Row[] = [
  ["GET", "/Bindings"],
  ["GET", "/Bindings/{Sid}"],
  ["DELETE", "/Bindings/{Sid}"],
  ["GET", "/Configuration"],
  ["POST", "/Configuration"],
  ["GET", "/Configuration/Notifications"],
  ["POST", "/Configuration/Notifications"],
  ["GET", "/Configuration/Webhooks", webhookConfiguration.fetch],
  ["POST", "/Configuration/Webhooks", webhookConfiguration.update],
];

const contentRows: readonly Row[] = [
  ["POST", "/Content", content.create],
  ["GET", "/Content", content.list],
  ["GET", "/Content/{Sid}", content.fetch],
  ["PUT", "/Content/{Sid}"],
  ["DELETE", "/Content/{Sid}", content.remove],
  ["POST", "/Content/{ContentSid}/ApprovalRequests/whatsapp", content.requestWhatsAppApproval],
  ["GET", "/Content/{Sid}/ApprovalRequests", content.fetchApproval],
  ["GET", "/ContentAndApprovals"],
  ["GET", "/LegacyContent"],
];

const servicePath = "/v1/Services/{ChatServiceSid}";

function operations(
  product: Operation["product"],
  prefix: string,
  rows: readonly Row[],
): readonly Operation[] {
  return rows.map(([method, path, handler]) => ({ product, method, path: prefix + path, handler }));
}

/** Every operation of Conversations v1, and of Content v1 beside it. */
export const allOperations: readonly Operation[] = [
  ...operations("conversations", "/v1", [...bothFamilies, ...accountOnly]),
  ...operations("conversations", servicePath, [...bothFamilies, ...serviceOnly]),
  ...operations("content", "/v1", contentRows),
];
