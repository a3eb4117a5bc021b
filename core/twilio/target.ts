import type {
  ConversationContext,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import { Conflict } from "../errors.ts";
import { type Sid, sidOf } from "../sid.ts";
import type { State } from "../state/state.ts";
import { conversationOf } from "./conversations.ts";

/** The conversation that a caller has named. */
export interface Target {
  readonly conversation: ConversationContext;
  readonly conversationSid: Sid<"CH">;
}

/**
 * Finds the conversation that a caller has named. It is fetched only where necessary: for the SID of a unique name, and to
 * check that this deployment has created it.
 *
 * @param requireOwn Whether this deployment must have created it. Any chat user can create one under a name that the caller
 *   is going to use.
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
    const message = "This conversation was not created by this deployment, and requireOwn is set.";
    throw new Conflict("not_own", message, { field: "conversationSid", conversationSid: foundSid });
  }
  return { conversation: conversations(foundSid), conversationSid: foundSid };
}

const isConversationSid = (key: string): key is Sid<"CH"> => /^CH[0-9a-f]{32}$/i.test(key);
