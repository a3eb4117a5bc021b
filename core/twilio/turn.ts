import type { ConversationListInstance as Conversations } from "twilio/lib/rest/conversations/v1/conversation.js";
import { HandlerError } from "../errors.ts";
import type { Call } from "../handler.ts";
import type { Log } from "../log.ts";
import { withLock } from "./lock.ts";

const LONGEST_WAIT_MS = 3_000;
const PAUSE_MS = 100;

/** 503: another invocation is at work on the same conversation. Worth another try. */
class TurnTaken extends HandlerError {
  constructor(conversationSid: string) {
    super(503, "busy", "Another event of this conversation is being handled. Try again.", {
      conversationSid,
      retryAfter: 1,
    });
  }
}

/**
 * Lets one invocation after the other act on a conversation: waits for the lock that is named after it.
 *
 * @throws {TurnTaken} when the turn did not come in three seconds.
 */
export async function inTurn<Result>(
  conversations: Conversations,
  conversationSid: string,
  { call, log }: { readonly call: Call; readonly log: Log },
  act: () => Promise<Result>,
): Promise<Result> {
  const giveUpAt = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const lock = { name: `turn-${conversationSid}`, since: new Date(), call, log };
    const turn = await withLock(conversations, lock, async () => ({ result: await act() }));
    if (turn) return turn.result;
    if (Date.now() > giveUpAt) throw new TurnTaken(conversationSid);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + Math.random())));
  }
}
