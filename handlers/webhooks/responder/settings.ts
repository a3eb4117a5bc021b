import * as v from "valibot";
import { choice } from "../../../core/agents/choose.ts";
import { identity, MESSAGE_LENGTH, text } from "../../../core/input.ts";
import { openingHoursEntries } from "../../../core/opening-hours/schema.ts";
import { hasWord, keywordFinder } from "./keywords.ts";

const message = () => text(MESSAGE_LENGTH);

const keywords = () =>
  v.pipe(
    v.array(v.pipe(text(248), v.check(hasWord, "contains no word"))),
    v.minLength(1, "must contain a keyword"),
    v.transform((phrases) => keywordFinder(phrases)),
  );

/** What triggers an answer: words in a message, ids of buttons and list items, or both. */
const called = {
  keywords: v.optional(keywords()),
  /** Ids of a template's buttons and list items, the same in every language. */
  ids: v.optional(v.array(text(256)), []),
};
const isCalled = ({ keywords, ids }: { keywords?: unknown; ids: readonly string[] }): boolean =>
  keywords !== undefined || ids.length > 0;
const UNCALLED = "needs keywords or ids";

/** The settings of `webhooks/conversation`. Unknown ones are rejected, which catches typing errors. */
export const responderSettings = v.strictObject({
  /** The author of the answers. `system` if omitted. */
  author: v.optional(identity()),
  /** Answers to keywords; the first match is used. */
  answers: v.optional(
    v.array(
      v.pipe(
        v.strictObject({ ...called, text: message() }),
        v.check((answer) => isCalled(answer), UNCALLED),
      ),
    ),
    [],
  ),
  /** Keywords of the hand-over, the agents to add, and the messages to both sides. */
  handOver: v.optional(
    v.pipe(
      v.strictObject({
        ...called,
        /** All of them are added. */
        identities: v.optional(v.pipe(v.array(identity()), v.minLength(1, "must contain an identity"))),
        /** One of them is added, chosen by a rule. */
        agent: v.optional(v.strictObject(choice)),
        customerText: v.optional(message()),
        personText: v.optional(message()),
      }),
      v.check((called) => isCalled(called), UNCALLED),
      v.check(
        ({ identities, agent }) => (identities === undefined) !== (agent === undefined),
        "must contain identities or agent, not both",
      ),
    ),
  ),
  /** Opening hours. Always open if omitted. */
  openingHours: v.optional(
    v.strictObject({
      ...openingHoursEntries,
      closedText: message(),
    }),
  ),
  /** Sent once in a conversation when nothing else matches. */
  defaultText: v.optional(message()),
  /** Whether chat users, who write through the SDKs, are customers, too. */
  answerChatUsers: v.optional(v.boolean(), false),
  /** Authors that are never answered: other bots, and your own agents. */
  exceptAuthors: v.optional(v.array(v.string()), []),
  /** Name of the message attribute that marks messages of other bots. */
  botAttribute: v.optional(v.string()),
  /** The maximum number of answers in a conversation within an hour. */
  mostAnswersPerHour: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 10),
});
export type ResponderSettings = v.InferOutput<typeof responderSettings>;
