/** An effect of the emulator's faults on a request or a webhook, with its options (docs/control-api.md). */
export interface Effect {
  readonly effect: "fail" | "drop" | "hang" | "duplicate";
  readonly [option: string]: string | number | boolean;
}

/** The `match` of a fault: which requests or webhooks it applies to. */
export type Match = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** How often a fault is injected: not into the first `skip` matches, and `times` at most. */
export interface Limits {
  readonly skip?: number;
  readonly times?: number;
}

/** It never arrives. */
export const LOST: Effect = { effect: "drop" };
/** It arrives, and its answer is lost. */
export const ANSWER_LOST: Effect = { effect: "drop", when: "after" };
/** It arrives and has its effect, but the answer is a 500. */
export const DONE_BUT_FAILED: Effect = { effect: "fail", status: 500, when: "after" };
/** It is refused with 429, and may be repeated at once. */
export const TOO_MANY: Effect = { effect: "fail", status: 429, retryAfter: 0 };
/** It is never answered. */
export const UNANSWERED: Effect = { effect: "hang" };
/** It is answered with an error, and has no effect. */
export const failed = (status = 500): Effect => ({ effect: "fail", status });

/** The effects on a single request that a caller has to survive. */
export const EFFECTS: readonly Effect[] = [LOST, ANSWER_LOST, failed(), DONE_BUT_FAILED, TOO_MANY];

/** It arrives twice, before either has an answer. */
export const TWICE_AT_ONCE: Effect = { effect: "duplicate", atOnce: true };
/** It arrives once more when it has been answered. */
export const TWICE_IN_TURN: Effect = { effect: "duplicate" };

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

/** Twilio would carry these out twice: when such a request was lost, it must not simply be repeated. */
const MADE_TWICE: readonly unknown[] = [SEND_MESSAGE.operation, ADD_WEBHOOK.operation];
const isMadeTwice = (match: Match): boolean => MADE_TWICE.includes(match.operation);

/** Those {@link EFFECTS} after which a call that makes this request still succeeds. */
export const effectsOf = (match: Match): readonly Effect[] =>
  isMadeTwice(match) ? EFFECTS.filter((effect) => effect !== LOST) : EFFECTS;

/** Selects, from requests by name, those that may simply be repeated. */
export const repeatable = (requests: readonly (readonly [string, Match])[]) =>
  requests.filter(([, match]) => !isMadeTwice(match));
