import * as v from "valibot";
import { choice } from "../../../core/agents/choose.ts";
import { archiveTarget, openStore } from "../../../core/archive/target.ts";
import { type Environment, readEnvironment, urlVariable } from "../../../core/environment.ts";
import type { Resource } from "../../../core/handler.ts";
import { identity, MESSAGE_LENGTH, sid, text } from "../../../core/input.ts";
import { hookEntries, openHookSender } from "../../../core/signed-hook.ts";
import { FAILURE_KINDS } from "../../../core/twilio/delivery-errors.ts";
import { asHookSays, byRule, type ChooseAgents, routeToAgent } from "./agent.ts";
import { archive } from "./archive.ts";
import type { EventOf } from "./event.ts";
import { sources } from "./event-fields.ts";
import { firstMessage } from "./first-message.ts";
import { FOLLOW_UPS, followUp } from "./follow-up.ts";
import type { Reaction } from "./reaction.ts";
import { attachResponder } from "./responder.ts";
import { welcome } from "./welcome.ts";
import { whenInactive } from "./when-inactive.ts";

const newConversation = v.strictObject({
  /** Its agent. */
  agent: v.optional(
    v.union(
      [
        v.strictObject(choice),
        v.pipe(
          v.strictObject({ identity: identity() }),
          v.transform(({ identity }) => ({ rule: "fixed" as const, agents: [{ identity }] })),
        ),
        v.strictObject({ hookUrl: urlVariable() }),
      ],
      'must be {"identity":"…"}, {"rule":"least-recent","agents":["…"]} or {"hookUrl":"https://…"}',
    ),
  ),
  /** Its responder. */
  responder: v.optional(
    v.union(
      [v.strictObject({ flowSid: sid("FW") }), v.strictObject({ botUrl: urlVariable() })],
      'must be {"flowSid":"FW…"} or {"botUrl":"https://…"}',
    ),
  ),
  welcome: v.optional(text(MESSAGE_LENGTH)),
  /** How it must have been started: `API`, `SDK`, `SMS`, `WHATSAPP`, `MESSENGER`, `RCS`. Any source if omitted. */
  onlySources: v.optional(sources()),
});

const settings = v.strictObject({
  newConversation: v.optional(newConversation, {}),
  followUp: v.optional(
    v.array(
      v.strictObject({
        errors: v.optional(
          v.array(
            v.union(
              [v.picklist(FAILURE_KINDS), v.pipe(v.number(), v.integer())],
              `must be an error's code or one of ${FAILURE_KINDS.join(", ")}`,
            ),
          ),
        ),
        do: v.picklist(FOLLOW_UPS, `must be one of ${FOLLOW_UPS.join(", ")}`),
      }),
    ),
    [],
  ),
  whenInactive: v.optional(v.picklist(["close", "free"], 'must be "close" or "free"')),
  archive: v.optional(archiveTarget()),
});

const entries = {
  POST_EVENT_REACTIONS: v.optional(
    v.pipe(v.string(), v.parseJson(undefined, "must be a JSON object of reactions"), settings),
    "{}",
  ),
  ...hookEntries,
};

/**
 * The reactions of `webhooks/post-event`, in the order in which they run.
 *
 * Variables: `POST_EVENT_REACTIONS`, a JSON object; `HOOK_SECRET`, with which requests to hooks are signed.
 */
export const reactions: Resource<readonly Reaction[]> = {
  entries,
  open(environment) {
    const all = [...reactionsOf(environment), firstMessage];
    return () => all;
  },
};

function* reactionsOf(environment: Environment): Iterable<Reaction> {
  const { POST_EVENT_REACTIONS: settings } = readEnvironment(entries, environment);
  const { agent, responder, welcome: greeting, onlySources } = settings.newConversation;
  const isWanted = ({ Source }: EventOf<"onConversationAdded">) =>
    onlySources?.some((source) => source === Source) ?? true;
  const chooserOf = (choice: NonNullable<typeof agent>): ChooseAgents =>
    "hookUrl" in choice ? asHookSays(choice.hookUrl, openHookSender(environment)) : byRule(choice);
  if (agent) yield routeToAgent(chooserOf(agent), isWanted);
  // Before the greeting, to which a flow would react otherwise.
  if (responder) yield attachResponder(responder, isWanted);
  if (greeting !== undefined) yield welcome(greeting, isWanted);
  if (settings.followUp.length > 0) yield followUp(settings.followUp);
  if (settings.whenInactive) yield whenInactive(settings.whenInactive);
  if (settings.archive) yield archive(openStore(settings.archive, environment));
}
