import * as v from "valibot";
import { choice } from "../../../core/agents/choose.ts";
import { identity, MESSAGE_LENGTH, text } from "../../../core/input.ts";
import { openingHoursEntries } from "../../../core/opening-hours/schema.ts";
import { hasWord, keywordFinder } from "./keywords.ts";

const message = () => text(MESSAGE_LENGTH);

const keywords = () =>
  v.pipe(
    v.array(v.pipe(text(248), v.check(hasWord, "has no word in it"))),
    v.minLength(1, "must hold a keyword"),
    v.transform((phrases) => keywordFinder(phrases)),
  );

/** What calls for an answer: words in a message, the ids of buttons and list items, or both. */
const called = {
  keywords: v.optional(keywords()),
  /** Ids of a template's buttons and list items, the same in every language. */
  ids: v.optional(v.array(text(256)), []),
};
const isCalled = ({ keywords, ids }: { keywords?: unknown; ids: readonly string[] }): boolean =>
  keywords !== undefined || ids.length > 0;
const UNCALLED = "needs keywords or ids";

/** The settings of `webhooks/conversation`. Unknown ones are refused, which catches typing errors. */
export const responderSettings = v.strictObject({
  /** In whose name it answers. `system` unless given. */
  author: v.optional(identity()),
  /** Answers to keywords; the first that fits is given. */
  answers: v.optional(
    v.array(
      v.pipe(
        v.strictObject({ ...called, text: message() }),
        v.check((answer) => isCalled(answer), UNCALLED),
      ),
    ),
    [],
  ),
  /** Words that call for a person, who comes in by identity; what both are told. */
  handOver: v.optional(
    v.pipe(
      v.strictObject({
        ...called,
        /** All of them come in. */
        identities: v.optional(v.pipe(v.array(identity()), v.minLength(1, "must hold an identity"))),
        /** One of them comes in, by a rule. */
        agent: v.optional(v.strictObject(choice)),
        customerText: v.optional(message()),
        personText: v.optional(message()),
      }),
      v.check((called) => isCalled(called), UNCALLED),
      v.check(
        ({ identities, agent }) => (identities === undefined) !== (agent === undefined),
        "must hold identities or agent, not both",
      ),
    ),
  ),
  /** When somebody is there. Always, unless given. */
  openingHours: v.optional(
    v.strictObject({
      ...openingHoursEntries,
      closedText: message(),
    }),
  ),
  /** Said once in a conversation when nothing else fits. */
  defaultText: v.optional(message()),
  /** Whether chat users, who come through the SDKs, are customers too. */
  answerChatUsers: v.optional(v.boolean(), false),
  /** Authors that are never answered: other bots, and people of the house. */
  exceptAuthors: v.optional(v.array(v.string()), []),
  /** Name of the message attribute by which other bots say what they are. */
  botAttribute: v.optional(v.string()),
  /** Most answers in a conversation within an hour. */
  mostAnswersPerHour: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 10),
});
export type ResponderSettings = v.InferOutput<typeof responderSettings>;
