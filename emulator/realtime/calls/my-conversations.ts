import { checkMembership, checkPermission } from "../../domain/grants.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { updateUserConversation } from "../../domain/user-conversations.ts";
import { conversationOf, type SdkCall, type SdkHandler, textOf } from "../call.ts";
import { present } from "./conversations.ts";

/** Conversations on a page of the list; the SDK follows the tokens to its end. */
const pageSize = 100;

/** GET /Client/v2/MyConversations, in the order of joining. */
export const list: SdkHandler = (call) => {
  const { user, query } = call;
  const from = readPageToken(query.get("PageToken") ?? "0");
  const page: object[] = [];
  let index = 0;
  for (const { conversation } of user.memberships.values()) {
    if (index >= from && page.length < pageSize) page.push(present(call, conversation));
    index += 1;
  }
  const next = from + page.length;
  const meta = {
    previous_token: from > 0 ? String(Math.max(from - pageSize, 0)) : null,
    next_token: next < index ? String(next) : null,
  };
  return { status: 200, body: { conversations: page, meta } };
};

/** GET /Client/v2/MyConversations/{Conversation}, by SID or unique name */
export const fetch: SdkHandler = (call) => ({ status: 200, body: present(call, conversationOf(call)) });

/** POST /Client/v2/MyConversations/{Conversation}: the read horizon, or the notification level. */
export const update: SdkHandler = (call) => {
  const { resources, user, origin } = call;
  const conversation = conversationOf(call);
  const membership = checkMembership(user, conversation);
  const notificationLevel = textOf(call, "notification_level");
  if (notificationLevel !== undefined) checkPermission(user, conversation, "editNotificationLevel");
  const changes = {
    notificationLevel,
    lastReadMessageIndex: readHorizon(call),
    lastReadTimestamp: undefined,
  };
  updateUserConversation(resources, membership, changes, origin);
  return { status: 200, body: present(call, conversation) };
};

function readHorizon({ body }: SdkCall): string | undefined {
  const index = body.get("last_read_message_index");
  return index === undefined ? undefined : String(index);
}

function readPageToken(token: string): number {
  if (!/^\d{1,9}$/.test(token)) throw requestRules.invalidPageToken();
  return Number(token);
}
