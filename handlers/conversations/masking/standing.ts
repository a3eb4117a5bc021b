import type {
  ConversationContext,
  ConversationInstance,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import type { State } from "../../../core/state/state.ts";
import { ABANDONED_AFTER_MS } from "../../../core/twilio/make-conversation.ts";
import { mark, pairOf } from "./mark.ts";

/** Which proxy address each participant sees, by their own address. */
export type Proxies = ReadonlyMap<string, string>;

/** How a conversation that another call has made stands to two people. */
export interface Standing {
  /**
   * `existing`: both are in it. `connecting`: its maker is at it. `abandoned`: its maker is gone, and has left it
   * half-made. `closed`: it was theirs. `foreign`: both are in it, and another deployment has made it. `other`: it is not
   * theirs, or not any more.
   */
  readonly status: "existing" | "connecting" | "abandoned" | "closed" | "foreign" | "other";
  readonly proxies: Proxies;
}

/** Tells how a conversation stands to two people. One without our record is not theirs, whoever is in it. */
export async function standingOf(
  state: State,
  context: ConversationContext,
  conversation: ConversationInstance,
  addresses: readonly string[],
): Promise<Standing> {
  const participants = await context.participants.list();
  const proxies: Proxies = new Map(
    participants.map(({ messagingBinding }) => [
      messagingBinding?.address ?? "",
      messagingBinding?.proxy_address ?? "",
    ]),
  );
  const areBothThere = addresses.every((address) => proxies.has(address));
  if (state.ofConversation(mark, conversation)?.pair !== pairOf(state, addresses)) {
    return { status: areBothThere && state.isForeign(conversation) ? "foreign" : "other", proxies };
  }
  if (conversation.state === "closed") return { status: "closed", proxies };
  if (areBothThere) return { status: "existing", proxies };
  // With messages in it, it was whole once, and somebody has left it.
  if ((await context.messages.list({ limit: 1 })).length > 0) return { status: "other", proxies };
  const isOld = Date.now() - conversation.dateCreated.getTime() > ABANDONED_AFTER_MS;
  return { status: isOld ? "abandoned" : "connecting", proxies };
}
