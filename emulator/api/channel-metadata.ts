import { messageRules } from "../domain/rules/message.ts";
import { type Handler, messageOf } from "./call.ts";

/** GET /Conversations/{ConversationSid}/Messages/{MessageSid}/ChannelMetadata. No message has any. */
export const fetch: Handler = (call) => {
  messageOf(call, "MessageSid");
  throw messageRules.channelMetadataNotFound();
};
