import type { MessageInstance } from "twilio/lib/rest/conversations/v1/conversation/message.js";
import { type Sid, sidOf } from "../../../core/sid.ts";
import type { SendContext } from "../../../core/state/send-once.ts";
import type { FetchTappedId } from "../../../core/twilio/tapped.ts";
import { type Answer, type AnswerWords, readAnswer } from "./answers.ts";
import { isStep } from "./messages.ts";
import type { OptIn } from "./record.ts";

/** The invitee's messages since the question, evaluated together. */
export interface Reply {
  readonly answer: Answer;
  /** The decisive message. */
  readonly messageSid: Sid<"IM">;
  /** Its index. */
  readonly index: number;
  readonly at: string;
  /** Indexes of the first and the last of their messages. */
  readonly firstIndex: number;
  readonly lastIndex: number;
}

/** The clients that read a conversation's messages. */
interface Reader {
  readonly sendContext: SendContext;
  readonly fetchTappedId: FetchTappedId;
}

/** The invitee, and the message of the event. */
export interface Asked {
  readonly optIn: OptIn;
  readonly inviteeSid: Sid<"MB">;
  readonly messageSid: Sid<"IM"> | undefined;
  readonly words: AnswerWords;
}

/**
 * Evaluates the invitee's messages since the invitation, or since the question was repeated. A stop in any of them counts;
 * otherwise the last yes or no.
 *
 * @param latest The messages since then, newest first.
 * @returns `undefined` if the invitee has not written since.
 */
export async function readReply(
  latest: readonly MessageInstance[],
  reader: Reader,
  { optIn, inviteeSid, messageSid, words }: Asked,
): Promise<Reply | undefined> {
  const { state } = reader.sendContext;
  const invitation = latest.find((message) => isStep(state, "invite", message));
  const since = optIn.asked?.index ?? invitation?.index ?? Number.POSITIVE_INFINITY;
  const theirs = latest.filter(
    (message) =>
      message.participantSid === inviteeSid && message.index > since && state.keyOf(message) === undefined,
  );
  const [last, first] = [theirs[0], theirs.at(-1)];
  if (last === undefined || first === undefined) return undefined;
  const range = { firstIndex: first.index, lastIndex: last.index };
  if (optIn.answer) {
    const { consent, messageSid, at } = optIn.answer;
    const { index } = theirs.find(({ sid }) => sid === messageSid) ?? last;
    return { ...range, answer: consent ? "yes" : "no", messageSid, index, at };
  }
  const answers = await Promise.all(
    theirs.map(async (message) => ({ message, answer: await answerIn(message, reader, optIn, words) })),
  );
  const lastClear = answers.find(({ answer }) => answer === "yes" || answer === "no");
  const own = answers.find(({ message, answer }) => message.sid === messageSid && answer === "yes");
  const decisive =
    answers.find(({ answer }) => answer === "stop") ??
    (lastClear?.answer === "yes" ? (own ?? lastClear) : lastClear) ??
    answers[0];
  const message = decisive?.message ?? last;
  return {
    ...range,
    answer: decisive?.answer ?? "unclear",
    messageSid: sidOf("IM", message.sid),
    index: message.index,
    at: message.dateCreated.toISOString(),
  };
}

/** Ids of buttons that mean yes and no unless the introduction names others. */
const USUAL_IDS = { yes: ["yes"], no: ["no"] };

/**
 * Reads one message. A tapped button's id is independent of the language; it is fetched if the introduction names ids, or
 * the text is unclear.
 */
async function answerIn(
  { body, sid }: MessageInstance,
  { fetchTappedId, sendContext }: Reader,
  { language, ids }: OptIn,
  words: AnswerWords,
): Promise<Answer> {
  const byText = readAnswer(body, language, words);
  if (byText === "stop" || (ids === undefined && byText !== "unclear")) return byText;
  const tapped = await fetchTappedId(sendContext.conversationSid, sid);
  if (tapped === undefined) return byText;
  const { yes, no } = ids ?? USUAL_IDS;
  if (yes.includes(tapped)) return "yes";
  return no.includes(tapped) ? "no" : byText;
}
