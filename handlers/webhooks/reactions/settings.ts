import * as v from "valibot";
import { choice } from "../../../core/agents/choose.ts";
import { storeInBucket } from "../../../core/aws/s3.ts";
import { type Environment, readEnvironment, secret, urlVariable } from "../../../core/environment.ts";
import { Misconfigured } from "../../../core/errors.ts";
import type { Resource } from "../../../core/handler.ts";
import { identity, MESSAGE_LENGTH, sid, text } from "../../../core/input.ts";
import { FAILURE_KINDS } from "../../../core/twilio/delivery-errors.ts";
import { asHookSays, byRule, type ChooseAgents, routeToAgent } from "./agent.ts";
import { archive } from "./archive.ts";
import { type StoreArchive, storeByHook, storeInLog } from "./archive-store.ts";
import type { EventOf } from "./event.ts";
import { sources } from "./event-fields.ts";
import { firstMessage } from "./first-message.ts";
import { FOLLOW_UPS, followUp } from "./follow-up.ts";
import type { Reaction } from "./reaction.ts";
import { attachResponder } from "./responder.ts";
import { hookSender, type SendHook } from "./signed-hook.ts";
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
  archive: v.optional(
    v.union(
      [
        v.literal("log"),
        v.strictObject({ url: urlVariable() }),
        v.strictObject({
          bucket: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/)),
          prefix: v.optional(v.string(), ""),
        }),
      ],
      'must be "log", {"url":"https://…"}, or a bucket such as {"bucket":"my-archive","prefix":"conversations/"}',
    ),
  ),
});

const entries = {
  POST_EVENT_REACTIONS: v.optional(
    v.pipe(v.string(), v.parseJson(undefined, "must be a JSON object of reactions"), settings),
    "{}",
  ),
  HOOK_SECRET: v.optional(secret()),
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
  const { POST_EVENT_REACTIONS: settings, HOOK_SECRET } = readEnvironment(entries, environment);
  const sendHook = (): SendHook => {
    if (HOOK_SECRET === undefined) {
      throw new Misconfigured("Environment: HOOK_SECRET is missing; requests to hooks are signed with it.");
    }
    return hookSender(HOOK_SECRET);
  };
  const { agent, responder, welcome: greeting, onlySources } = settings.newConversation;
  const isWanted = ({ Source }: EventOf<"onConversationAdded">) =>
    onlySources?.some((source) => source === Source) ?? true;
  const chooserOf = (choice: NonNullable<typeof agent>): ChooseAgents =>
    "hookUrl" in choice ? asHookSays(choice.hookUrl, sendHook()) : byRule(choice);
  const storeOf = (target: NonNullable<typeof settings.archive>): StoreArchive => {
    if (target === "log") return storeInLog;
    return "url" in target
      ? storeByHook(target.url, sendHook())
      : storeInBucket(target.bucket, target.prefix, environment);
  };
  if (agent) yield routeToAgent(chooserOf(agent), isWanted);
  // Before the greeting, to which a flow would react otherwise.
  if (responder) yield attachResponder(responder, isWanted);
  if (greeting !== undefined) yield welcome(greeting, isWanted);
  if (settings.followUp.length > 0) yield followUp(settings.followUp);
  if (settings.whenInactive) yield whenInactive(settings.whenInactive);
  if (settings.archive) yield archive(storeOf(settings.archive));
}
