import type {
  ConversationContext,
  ConversationInstance,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import type { AgentFacts } from "../../../core/agents/facts.ts";
import type { Call } from "../../../core/call.ts";
import type { Log } from "../../../core/log.ts";
import { sidOf } from "../../../core/sid.ts";
import type { SendContext } from "../../../core/state/send-once.ts";
import type { State } from "../../../core/state/state.ts";
import type { Event, EventOf, PostActionType } from "./event.ts";

/** The second argument of a reaction, besides the event. */
export interface ReactionContext {
  readonly conversations: Conversations;
  readonly state: State;
  readonly agentFacts: AgentFacts;
  readonly conversation: ConversationContext;
  /** The current conversation, which may differ from the data of a late event. */
  readonly found: ConversationInstance;
  readonly call: Call;
  readonly log: Log;
  /** See {@link SendContext}. */
  readonly settlesAt: number | undefined;
}

/** For sending messages in the conversation. */
export const sendContextOf = ({
  conversation,
  found,
  state,
  call,
  settlesAt,
}: ReactionContext): SendContext => ({
  conversation,
  conversationSid: sidOf("CH", found.sid),
  state,
  call,
  settlesAt,
});

/** A reaction to events. */
export interface Reaction {
  /** The answer's field with its outcome. */
  readonly name: string;
  /** Whether it reads before it writes, and so must run under the conversation's lock. */
  readonly needsTurn: boolean;
  /** @returns a function that handles the event, or `undefined` if it does not concern this reaction. Makes no request. */
  to(event: Event): ((context: ReactionContext) => Promise<string>) | undefined;
}

interface Definition<Type extends PostActionType> {
  readonly name: string;
  readonly on: Type;
  readonly needsTurn: boolean;
  concerns(event: EventOf<Type>): boolean;
  /** Handles the event and returns the outcome as one word. May be called again with the same event. */
  react(event: EventOf<Type>, context: ReactionContext): Promise<string>;
}

/** Makes a reaction to one type of event. */
export function reaction<Type extends PostActionType>(definition: Definition<Type>): Reaction {
  const isOfType = (event: Event): event is Event & EventOf<Type> => event.EventType === definition.on;
  return {
    name: definition.name,
    needsTurn: definition.needsTurn,
    to: (event) =>
      isOfType(event) && definition.concerns(event)
        ? (context) => definition.react(event, context)
        : undefined,
  };
}
