import * as v from "valibot";

/** Name of the one parameter in a scoped webhook's URL that is ours. */
export const CARRIED = "parley";
/** Longest URL of a scoped webhook (docs: Conversation scoped webhook resource). */
const LONGEST_URL = 512;

/**
 * A scoped webhook's URL that carries what is needed to act on its events. Only REST can write it, members of the
 * conversation cannot read it, and Twilio signs it.
 *
 * @returns `undefined` when that is too much for a URL.
 */
export function carry(url: string, value: object): string | undefined {
  const carrying = `${url}?${CARRIED}=${Buffer.from(JSON.stringify(value)).toString("base64url")}`;
  return carrying.length <= LONGEST_URL ? carrying : undefined;
}

/** The input field in which an event brings it. */
export const carried = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.string("must be text"),
    v.transform((text) => Buffer.from(text, "base64url").toString("utf8")),
    v.parseJson(undefined, "must be what Parley has put into the webhook's URL"),
    schema,
  );

/** What a webhook's URL carries, if it is of this form. */
export function readCarried<Schema extends v.GenericSchema>(
  schema: Schema,
  url: string | undefined,
): v.InferOutput<Schema> | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const read = v.safeParse(carried(schema), new URL(url).searchParams.get(CARRIED) ?? "");
  return read.success ? read.output : undefined;
}

/** A webhook's URL by which it is told from others: without what it carries. */
export const withoutQuery = (url: string | undefined): string | undefined => url?.split("?")[0];
