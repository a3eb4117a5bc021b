/** What befalls a request or a webhook: an effect of the emulator's faults with its options (docs/control-api.md). */
export interface Fate {
  readonly effect: "fail" | "drop" | "hang" | "duplicate";
  readonly [option: string]: string | number | boolean;
}

/** Which requests or webhooks: the `match` of a fault. */
export type Match = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** How often: not for the first `skip`, and `times` at most. */
export interface Limits {
  readonly skip?: number;
  readonly times?: number;
}

/** It never arrives. */
export const LOST: Fate = { effect: "drop" };
/** It arrives, and its answer is lost. */
export const ANSWER_LOST: Fate = { effect: "drop", when: "after" };
/** It arrives and has its effect, but the answer is a 500. */
export const DONE_BUT_FAILED: Fate = { effect: "fail", status: 500, when: "after" };
/** It is one too many, and may come again at once. */
export const TOO_MANY: Fate = { effect: "fail", status: 429, retryAfter: 0 };
/** It is never answered. */
export const UNANSWERED: Fate = { effect: "hang" };
/** It is answered with an error, and has no effect. */
export const failed = (status = 500): Fate => ({ effect: "fail", status });

/** All that can befall one request which its caller means to survive. */
export const FATES: readonly Fate[] = [LOST, ANSWER_LOST, failed(), DONE_BUT_FAILED, TOO_MANY];

/** It arrives twice, before either has an answer. */
export const TWICE_AT_ONCE: Fate = { effect: "duplicate", atOnce: true };
/** It arrives once more when it has been answered. */
export const TWICE_IN_TURN: Fate = { effect: "duplicate" };

/** The requests of handlers, which name their service; those of the tests do not. */
export const ANY_REQUEST = { path: "/v1/Services/*" };
export const ANY_DELETION = { ...ANY_REQUEST, method: "DELETE" };

const CONVERSATIONS = "/v1/Services/{ChatServiceSid}/Conversations";
export const CREATE_CONVERSATION = { operation: `POST ${CONVERSATIONS}` };
export const CREATE_WITH_PARTICIPANTS = {
  operation: "POST /v1/Services/{ChatServiceSid}/ConversationWithParticipants",
};
export const FETCH_CONVERSATION = { operation: `GET ${CONVERSATIONS}/{Sid}` };
export const UPDATE_CONVERSATION = { operation: `POST ${CONVERSATIONS}/{Sid}` };
export const DELETE_CONVERSATION = { operation: `DELETE ${CONVERSATIONS}/{Sid}` };
export const ADD_PARTICIPANT = { operation: `POST ${CONVERSATIONS}/{ConversationSid}/Participants` };
export const UPDATE_PARTICIPANT = {
  operation: `POST ${CONVERSATIONS}/{ConversationSid}/Participants/{Sid}`,
};
export const LIST_PARTICIPANTS = { operation: `GET ${CONVERSATIONS}/{ConversationSid}/Participants` };
export const FETCH_MESSAGE = { operation: `GET ${CONVERSATIONS}/{ConversationSid}/Messages/{Sid}` };
export const SEND_MESSAGE = { operation: `POST ${CONVERSATIONS}/{ConversationSid}/Messages` };
export const ADD_WEBHOOK = { operation: `POST ${CONVERSATIONS}/{ConversationSid}/Webhooks` };
export const REMOVE_WEBHOOK = { operation: `DELETE ${CONVERSATIONS}/{ConversationSid}/Webhooks/{Sid}` };
/** A template goes out. */
export const SEND_TEMPLATE = { ...SEND_MESSAGE, parameters: { ContentSid: "*" } };

/** What Twilio would make twice: of such a request that was lost on its way, nobody may simply send another. */
const MADE_TWICE: readonly unknown[] = [SEND_MESSAGE.operation, ADD_WEBHOOK.operation];
const isMadeTwice = (match: Match): boolean => MADE_TWICE.includes(match.operation);

/** All of {@link FATES} after which a call succeeds that makes this request. */
export const fatesOf = (match: Match): readonly Fate[] =>
  isMadeTwice(match) ? FATES.filter((fate) => fate !== LOST) : FATES;

/** Of requests by name, those that may simply be sent again. */
export const repeatable = (requests: readonly (readonly [string, Match])[]) =>
  requests.filter(([, match]) => !isMadeTwice(match));
