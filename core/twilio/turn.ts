import type {
  ConversationInstance,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import { parseAttributes } from "../attributes.ts";
import { HandlerError } from "../errors.ts";
import type { Call } from "../handler.ts";
import type { Log } from "../log.ts";
import { conversationOf } from "./conversations.ts";
import { isTwilioError, noneIf404 } from "./errors.ts";
import { removeConversation } from "./make-conversation.ts";
import { createOnce } from "./once.ts";

/** No platform lets a call run this long, so whoever has held a turn for longer is gone. */
const ABANDONED_AFTER_MS = 60_000;
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
 * Lets one invocation at a time act on a conversation, with nothing but Twilio to remember who.
 *
 * A unique name belongs to one conversation of the service, and Twilio refuses the second create with that name. So an
 * empty conversation named after the one that is acted on is the turn: whoever has made it acts, and deletes it. Nobody
 * is in it and no webhook hears of it. One that its maker left behind is taken away after a minute.
 *
 * @throws {TurnTaken} when the turn did not come in three seconds.
 */
export async function inTurn<Result>(
  conversations: Conversations,
  conversationSid: string,
  { call, log }: { readonly call: Call; readonly log: Log },
  act: () => Promise<Result>,
): Promise<Result> {
  const turn = await takeTurn(conversations, conversationSid, call.requestId);
  try {
    return await act();
  } finally {
    call.spendReserve();
    await removeConversation(conversations(turn)).catch((error: unknown) => {
      log.warn("turn_not_given_back", { conversationSid, turn, error });
    });
  }
}

/** @returns the SID of the conversation that is the turn. */
async function takeTurn(
  conversations: Conversations,
  conversationSid: string,
  holder: string,
): Promise<string> {
  const uniqueName = `turn-${conversationSid}`;
  const find = () => conversationOf(conversations, uniqueName).fetch().catch(noneIf404);
  const isMine = ({ attributes }: ConversationInstance) => parseAttributes(attributes).heldBy === holder;
  const findMine = async () => {
    const found = await find();
    return found && isMine(found) ? found : undefined;
  };
  const create = () => conversations.create({ uniqueName, attributes: JSON.stringify({ heldBy: holder }) });
  const giveUpAt = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    try {
      return (await createOnce(create, findMine)).sid;
    } catch (error) {
      if (!isTwilioError(error, { code: 50353 })) throw error;
    }
    const held = await find();
    if (held && isMine(held)) return held.sid;
    if (held && Date.now() - held.dateCreated.getTime() > ABANDONED_AFTER_MS) {
      // By its SID: by its name it could be the turn of somebody who was quicker.
      await removeConversation(conversations(held.sid));
    } else if (Date.now() > giveUpAt) throw new TurnTaken(conversationSid);
    else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + Math.random())));
  }
}
