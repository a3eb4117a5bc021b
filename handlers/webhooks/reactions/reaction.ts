import type {
  ConversationContext,
  ConversationInstance,
  ConversationListInstance as Conversations,
} from "twilio/lib/rest/conversations/v1/conversation.js";
import type { AgentFacts } from "../../../core/agents/facts.ts";
import type { Call } from "../../../core/call.ts";
import type { Log } from "../../../core/log.ts";
import { sidOf } from "../../../core/sid.ts";
import type { Outbox } from "../../../core/state/send-once.ts";
import type { State } from "../../../core/state/state.ts";
import type { Event, EventOf, PostActionType } from "./event.ts";

/** What a reaction works with. */
export interface Scene {
  readonly conversations: Conversations;
  readonly state: State;
  readonly agentFacts: AgentFacts;
  readonly conversation: ConversationContext;
  /** The conversation as it is now, which is not always what a late event says. */
  readonly found: ConversationInstance;
  readonly call: Call;
  readonly log: Log;
}

/** For messages in the scene's conversation. */
export const outboxOf = ({ conversation, found, state, call }: Scene): Outbox => ({
  conversation,
  conversationSid: sidOf("CH", found.sid),
  state,
  call,
});

/** Something that is done about an event. */
export interface Reaction {
  /** Under this name the answer tells what it did. */
  readonly name: string;
  /** Whether it looks first and acts then, so that no other event of the conversation may come in between. */
  readonly needsTurn: boolean;
  /** @returns what to do about this event, or `undefined` where it is none of this reaction's. Costs nothing. */
  to(event: Event): ((scene: Scene) => Promise<string>) | undefined;
}

interface Definition<Type extends PostActionType> {
  readonly name: string;
  readonly on: Type;
  readonly needsTurn: boolean;
  concerns(event: EventOf<Type>): boolean;
  /** Does it, and says in a word what came of it. May be called again with the same event, sooner or later. */
  react(event: EventOf<Type>, scene: Scene): Promise<string>;
}

/** Makes a reaction to one type of event. */
export function reaction<Type extends PostActionType>(definition: Definition<Type>): Reaction {
  const isOfType = (event: Event): event is Event & EventOf<Type> => event.EventType === definition.on;
  return {
    name: definition.name,
    needsTurn: definition.needsTurn,
    to: (event) =>
      isOfType(event) && definition.concerns(event) ? (scene) => definition.react(event, scene) : undefined,
  };
}
