import { findConversation } from "../../domain/conversations.ts";
import { checkMembership } from "../../domain/grants.ts";
import { requestRules } from "../../domain/rules/request.ts";
import type { SdkHandler } from "../call.ts";

/** Seconds for which the SDK shows a participant as typing; it sends at most one request in that time. */
const typingTimeout = 5;

/** POST /Client/v2/Typing. The body is a form: `ChannelSid`. The other connected members are notified. */
export const create: SdkHandler = ({ realtime, service, user, form, path }) => {
  const conversation = findConversation(service, form.get("ChannelSid") ?? "");
  if (conversation === undefined) throw requestRules.notFound(path);
  checkMembership(user, conversation);
  const payload = { channel_sid: conversation.sid, identity: user.identity, typing_timeout: typingTimeout };
  const others = [...conversation.participantsByIdentity.keys()].filter((name) => name !== user.identity);
  realtime.notify(service, others, "twilio.ipmsg.typing_indicator", payload);
  return { status: 200, body: { typing_timeout: typingTimeout } };
};
