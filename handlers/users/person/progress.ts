import * as v from "valibot";
import type { ContinueLater } from "../../../core/aws/continuation.ts";
import type { Call } from "../../../core/call.ts";
import { sid, wholeNumber } from "../../../core/input.ts";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import type { Request } from "../../../core/request.ts";
import { scaled } from "../../../core/time-scale.ts";

/** Time that the last steps of a call take, in milliseconds. */
const RESERVE_MS = 1_500;

const messagesPosition = v.strictObject({
  /** The token of the page to read next; the first page if omitted. */
  token: v.optional(v.string()),
  /** The number of the part that starts there. */
  part: wholeNumber(),
});

/** Where the next call continues in the messages of a conversation. */
export type MessagesPosition = v.InferOutput<typeof messagesPosition>;

const position = {
  /** The token of the page of conversations. */
  page: v.optional(v.string()),
  /** The last finished conversation of that page: they are handled in order of their SIDs. */
  after: v.optional(sid("CH")),
  /** Set if the conversation after it is unfinished. */
  messages: v.optional(messagesPosition),
};
const positionSchema = v.strictObject(position);

/** Where the next call continues. */
export type Position = v.InferOutput<typeof positionSchema>;

const CURSOR = "must be the cursor of an earlier answer";

/**
 * The schema of a cursor: the state of work that takes several calls.
 *
 * @param counts The numbers that are summed over the calls.
 */
export const cursor = <const Name extends string>(counts: readonly Name[]) =>
  v.pipe(
    v.string("must be text"),
    v.transform((text) => Buffer.from(text, "base64url").toString("utf8")),
    v.parseJson(undefined, CURSOR),
    v.strictObject(
      {
        ...position,
        job: v.pipe(v.string(), v.maxLength(100)),
        counts: v.strictObject(v.entriesFromList(counts, wholeNumber())),
      },
      CURSOR,
    ),
  );

/** The work of a person that takes several calls. */
export interface Progress<Counts> {
  /** Identifies the work in the log. */
  readonly job: string;
  readonly position: Position;
  readonly counts: Counts;
}

/** Writes a cursor. */
export const writeCursor = <Counts>({ job, position, counts }: Progress<Counts>): string =>
  Buffer.from(JSON.stringify({ ...position, job, counts })).toString("base64url");

/** Whether the call has time for another step. */
export const hasTime = (call: Call): boolean => Date.now() < call.deadline - scaled(RESERVE_MS);

/**
 * Continues unfinished work: through the queue where there is one, or else by the caller.
 *
 * @returns the fields of the answer.
 */
export async function continueWork(
  { continueLater, request, group }: ContinueContext,
  input: Readonly<Record<string, string | boolean | undefined>>,
  cursor: string,
): Promise<{ readonly status: "unfinished" | "continues"; readonly cursor: string | null }> {
  if (continueLater === undefined) return { status: "unfinished", cursor };
  const fields = Object.entries(omitUndefined({ ...input, cursor })).map(([name, value]) => [
    name,
    String(value),
  ]);
  await continueLater(request, Object.fromEntries(fields), group);
  return { status: "continues", cursor: null };
}

interface ContinueContext {
  readonly continueLater: ContinueLater | undefined;
  readonly request: Request;
  /** One person's work runs one after the other. */
  readonly group: string;
}
