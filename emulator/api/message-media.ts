import type { ChannelMedia, ChannelMessage } from "../domain/account-model.ts";
import { mediaPath } from "../domain/channel-messages.ts";
import { fileResponse } from "../http/file.ts";
import type { Call, Handler } from "./call.ts";
import { notFound, param } from "./call.ts";
import { checkAccount, rfc2822, uriList, withoutJson } from "./legacy.ts";

/*
 * The files of messages of Programmable Messaging. The path without ".json" returns the file itself, like `MediaUrl0` of a
 * number's webhook ("Media Support in Conversations" describes the same for conversations).
 */

/** GET /Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}, with or without ".json" */
export const fetch: Handler = (call) => {
  const message = messageOf(call, "MessageSid");
  const name = param(call, "Sid");
  const media = message.media.find(({ sid }) => sid === withoutJson(name));
  if (media === undefined) throw notFound(call);
  if (name.endsWith(".json")) return { status: 200, body: present(call, message, media) };
  return fileResponse(media);
};

/** GET /Accounts/{AccountSid}/Messages/{MessageSid}/Media.json */
export const list: Handler = (call) => {
  const message = messageOf(call, "MessageSid");
  const uri = `/2010-04-01/Accounts/${call.resources.account.sid}/Messages/${message.sid}/Media.json`;
  const members = message.media.map((media) => present(call, message, media));
  return uriList(uri, "media_list", members);
};

/** The message that the path names, or 404. */
export function messageOf(call: Call, name: string): ChannelMessage {
  checkAccount(call);
  const message = call.resources.channelMessages.get(withoutJson(param(call, name)));
  if (message === undefined) throw notFound(call);
  return message;
}

function present(
  call: Call,
  { sid: parent_sid, dateCreated, dateUpdated }: ChannelMessage,
  media: ChannelMedia,
) {
  return {
    sid: media.sid,
    account_sid: call.resources.account.sid,
    parent_sid,
    content_type: media.contentType,
    date_created: rfc2822(dateCreated),
    date_updated: rfc2822(dateUpdated),
    uri: `${mediaPath(call.resources, parent_sid, media.sid)}.json`,
  };
}
