import { Router } from "../http/router.ts";
import type { SdkHandler } from "./call.ts";
import * as configuration from "./calls/configuration.ts";
import * as contentTemplates from "./calls/content-templates.ts";
import * as conversations from "./calls/conversations.ts";
import * as messages from "./calls/messages.ts";
import * as myConversations from "./calls/my-conversations.ts";
import * as participants from "./calls/participants.ts";
import * as pushRegistrations from "./calls/push-registrations.ts";
import * as subscriptions from "./calls/subscriptions.ts";
import * as sync from "./calls/sync.ts";
import * as typing from "./calls/typing.ts";
import * as users from "./calls/users.ts";

const client = "/Client/v2";
const conversation = `${client}/Conversations/{Conversation}`;
const message = `${conversation}/Messages/{Message}`;
const participant = `${conversation}/Participants/{Participant}`;

/**
 * An endpoint, and the object whose action limit its requests count against ("Conversations Limits", actions per
 * second).
 */
interface SdkRoute {
  readonly handler: SdkHandler;
  readonly limitedBy: "service" | "conversation" | undefined;
}

/** The endpoints of SDKs. Hosts differ by region only. */
export const sdkRouter = new Router<SdkRoute>();

function add(method: string, path: string, handler: SdkHandler, limitedBy?: SdkRoute["limitedBy"]): void {
  sdkRouter.add(method, path, { handler, limitedBy });
}

add("GET", `${client}/Configuration`, configuration.fetch);
add("POST", `${client}/Conversations`, conversations.create, "service");
add("GET", conversation, conversations.fetch);
add("POST", conversation, conversations.update, "conversation");
add("DELETE", conversation, conversations.remove, "service");
add("POST", `${conversation}/Messages`, messages.create, "conversation");
add("GET", message, messages.fetch);
add("POST", message, messages.update, "conversation");
add("DELETE", message, messages.remove, "conversation");
add("GET", `${message}/Receipts`, messages.listReceipts);
add("GET", `${message}/ChannelMetadata`, messages.fetchMetadata);
add("GET", `${conversation}/MessageRecipients`, messages.listRecipients);
add("POST", `${conversation}/Participants`, participants.create, "conversation");
add("GET", participant, participants.fetch);
add("POST", participant, participants.update, "conversation");
add("DELETE", participant, participants.remove, "conversation");
add("GET", `${client}/MyConversations`, myConversations.list);
add("GET", `${client}/MyConversations/{Conversation}`, myConversations.fetch);
add("POST", `${client}/MyConversations/{Conversation}`, myConversations.update);
add("GET", `${client}/Users/{User}`, users.fetch);
add("POST", `${client}/Users/{User}`, users.update, "service");
add("POST", `${client}/Typing`, typing.create);
add("GET", `${client}/ContentTemplates`, contentTemplates.list);
add("POST", "/v1/registrations", pushRegistrations.create);
add("DELETE", "/v1/registrations", pushRegistrations.removeByAddress);
add("DELETE", "/v1/registrations/{Binding}", pushRegistrations.remove);
add("GET", "/v3/Documents/{Object}", sync.open("document"));
add("GET", "/v3/Lists/{Object}", sync.open("list"));
add("GET", "/v3/Lists/{Object}/Items", sync.listItems("list"));
add("GET", "/v3/Maps/{Object}", sync.open("map"));
add("GET", "/v3/Maps/{Object}/Items", sync.listItems("map"));
add("POST", "/v4/Subscriptions", subscriptions.change);
