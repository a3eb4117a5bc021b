import { channelMetadata } from "../domain/channel-metadata.ts";
import { messageRules } from "../domain/rules/message.ts";
import { type Handler, messageOf } from "./call.ts";

/** GET /Conversations/{ConversationSid}/Messages/{MessageSid}/ChannelMetadata, of tapped buttons and list items. */
export const fetch: Handler = (call) => {
  const message = messageOf(call, "MessageSid");
  const metadata = channelMetadata(message);
  if (metadata === undefined) throw messageRules.channelMetadataNotFound();
  const { conversation } = message;
  return {
    status: 200,
    body: {
      account_sid: call.resources.account.sid,
      chat_service_sid: call.service.sid,
      conversation_sid: conversation.sid,
      message_sid: message.sid,
      ...metadata,
      url: `${call.base}/Conversations/${conversation.sid}/Messages/${message.sid}/ChannelMetadata`,
    },
  };
};
