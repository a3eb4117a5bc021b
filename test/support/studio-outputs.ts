import type { Handler } from "../../core/handler.ts";
import type addParticipant from "../../handlers/conversations/add-participant.ts";
import type detachWebhooks from "../../handlers/conversations/detach-webhooks.ts";
import type send from "../../handlers/conversations/send.ts";
import type setTimers from "../../handlers/conversations/set-timers.ts";
import type createGroup from "../../handlers/group-mms/create.ts";
import type optIn from "../../handlers/whatsapp/opt-in.ts";

/** Names of all that a handler may answer when it succeeds. None where its type does not name them. */
type FieldsOf<Of> = Of extends Handler<infer Output> ? KeysOf<Output> : never;
type KeysOf<Output> = Output extends object ? (string extends keyof Output ? never : keyof Output) : never;
type Fields<Of> = Readonly<Record<FieldsOf<Of>, true>>;

/**
 * What the endpoints answer that flows use, by endpoint and field: what may stand behind `parsed.` in a flow. The type
 * checker holds each list against its handler, so that nothing of this is in a bundle.
 */
export const OUTPUTS: Readonly<Record<string, Readonly<Record<string, true>>>> = {
  "conversations/add-participant": {
    status: true,
    conversationSid: true,
    participantSid: true,
  } satisfies Fields<typeof addParticipant>,
  "conversations/detach-webhooks": {
    status: true,
    conversationSid: true,
    removed: true,
  } satisfies Fields<typeof detachWebhooks>,
  "conversations/send": {
    status: true,
    conversationSid: true,
    messageSid: true,
    index: true,
    warning: true,
  } satisfies Fields<typeof send>,
  "conversations/set-timers": {
    status: true,
    conversationSid: true,
    dateInactive: true,
    dateClosed: true,
  } satisfies Fields<typeof setTimers>,
  "group-mms/create": {
    status: true,
    conversationSid: true,
    uniqueName: true,
    firstMessage: true,
  } satisfies Fields<typeof createGroup>,
  "whatsapp/opt-in": {
    status: true,
    conversationSid: true,
    uniqueName: true,
    inviteMessageSid: true,
    existing: true,
  } satisfies Fields<typeof optIn>,
};
