/** The effect of an emulator fault on a request or webhook, with its options (docs/control-api.md). */
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

/** The request never arrives. */
export const LOST: Effect = { effect: "drop" };
/** The request arrives, but its answer is lost. */
export const ANSWER_LOST: Effect = { effect: "drop", when: "after" };
/** The request takes effect, but the answer is a 500. */
export const DONE_BUT_FAILED: Effect = { effect: "fail", status: 500, when: "after" };
/** The request is rejected with 429 and may be repeated immediately. */
export const TOO_MANY: Effect = { effect: "fail", status: 429, retryAfter: 0 };
/** The request is never answered. */
export const UNANSWERED: Effect = { effect: "hang" };
/** The request is answered with an error and has no effect. */
export const failed = (status = 500): Effect => ({ effect: "fail", status });

/** The effects on a single request that a caller must handle. */
export const EFFECTS: readonly Effect[] = [LOST, ANSWER_LOST, failed(), DONE_BUT_FAILED, TOO_MANY];

/** Delivered twice, before either has an answer. */
export const TWICE_AT_ONCE: Effect = { effect: "duplicate", atOnce: true };
/** Delivered again after it was answered. */
export const TWICE_IN_TURN: Effect = { effect: "duplicate" };

/** The requests of handlers, which name their service, unlike those of the tests. */
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
/** The request that sends a template. */
export const SEND_TEMPLATE = { ...SEND_MESSAGE, parameters: { ContentSid: "*" } };

/** Not idempotent at Twilio: a lost request must not simply be repeated. */
const MADE_TWICE: readonly unknown[] = [SEND_MESSAGE.operation, ADD_WEBHOOK.operation];
const isMadeTwice = (match: Match): boolean => MADE_TWICE.includes(match.operation);

/** The {@link EFFECTS} after which a call that sends this request still succeeds. */
export const effectsOf = (match: Match): readonly Effect[] =>
  isMadeTwice(match) ? EFFECTS.filter((effect) => effect !== LOST) : EFFECTS;

/** Selects, from requests by name, those that may simply be repeated. */
export const repeatable = (requests: readonly (readonly [string, Match])[]) =>
  requests.filter(([, match]) => !isMadeTwice(match));
