import type {
  ConversationContext,
  ConversationInstance,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import type { State } from "../../../core/state/state.ts";
import { ABANDONED_AFTER_MS } from "../../../core/twilio/make-conversation.ts";
import { mark, pairOf } from "./mark.ts";

/** Which proxy address each participant sees, by their own address. */
export type Proxies = ReadonlyMap<string, string>;

/** The status of another call's conversation for two people. */
export interface PairStatus {
  /**
   * `existing`: both are in it. `connecting`: the call that created it is still filling it. `abandoned`: that call was cut off
   * before it was complete. `closed`: it was theirs. `foreign`: both are in it, and another deployment has created it.
   * `other`: it is not theirs, or no longer.
   */
  readonly status: "existing" | "connecting" | "abandoned" | "closed" | "foreign" | "other";
  readonly proxies: Proxies;
}

/** Determines the status of a conversation for two people. One without this deployment's record is not theirs, regardless of its participants. */
export async function pairStatusOf(
  state: State,
  context: ConversationContext,
  conversation: ConversationInstance,
  addresses: readonly string[],
): Promise<PairStatus> {
  const participants = await context.participants.list();
  const proxies: Proxies = new Map(
    participants.map(({ messagingBinding }) => [
      messagingBinding?.address ?? "",
      messagingBinding?.proxy_address ?? "",
    ]),
  );
  const containsBoth = addresses.every((address) => proxies.has(address));
  if (state.ofConversation(mark, conversation)?.pair !== pairOf(state, addresses)) {
    return { status: containsBoth && state.isForeign(conversation) ? "foreign" : "other", proxies };
  }
  if (conversation.state === "closed") return { status: "closed", proxies };
  if (containsBoth) return { status: "existing", proxies };
  // It contains messages, so it was complete before, and a participant was removed.
  if ((await context.messages.list({ limit: 1 })).length > 0) return { status: "other", proxies };
  const isOld = Date.now() - conversation.dateCreated.getTime() > ABANDONED_AFTER_MS;
  return { status: isOld ? "abandoned" : "connecting", proxies };
}
