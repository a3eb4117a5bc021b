import type {
  ConversationContext,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import { Conflict } from "../errors.ts";
import { type Sid, sidOf } from "../sid.ts";
import type { State } from "../state/state.ts";
import { conversationOf } from "./conversations.ts";

/** A conversation that a caller has named. */
export interface Target {
  readonly conversation: ConversationContext;
  readonly conversationSid: Sid<"CH">;
}

/**
 * The conversation that a caller means. It is fetched where that is needed: for the SID behind a unique name, and to see
 * that it is ours.
 *
 * @param requireOwn Whether it must be one that this deployment has made. Any chat user may make one under a name that the
 *   caller is going to use.
 * @throws {Conflict} `not_own`
 */
export async function targetOf(
  { conversations, state }: { readonly conversations: Conversations; readonly state: State },
  { conversationSid, requireOwn }: { readonly conversationSid: string; readonly requireOwn: boolean },
): Promise<Target> {
  if (isConversationSid(conversationSid) && !requireOwn)
    return { conversation: conversations(conversationSid), conversationSid };
  const found = await conversationOf(conversations, conversationSid).fetch();
  const foundSid = sidOf("CH", found.sid);
  if (requireOwn && !state.isOwn(found)) {
    const message = "This conversation was not made by this deployment, and requireOwn is set.";
    throw new Conflict("not_own", message, { field: "conversationSid", conversationSid: foundSid });
  }
  return { conversation: conversations(foundSid), conversationSid: foundSid };
}

const isConversationSid = (key: string): key is Sid<"CH"> => /^CH[0-9a-f]{32}$/i.test(key);
