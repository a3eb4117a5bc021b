import * as v from "valibot";

/** Name of our parameter in a scoped webhook's URL. */
export const CARRIED = "parley";
/** Longest URL of a scoped webhook (docs: Conversation scoped webhook resource). */
const LONGEST_URL = 512;

/**
 * A scoped webhook's URL with the data that is needed to handle its events. Only the REST API can write it, members of the
 * conversation cannot read it, and Twilio signs it.
 *
 * @returns `undefined` when the URL would be too long.
 */
export function carry(url: string, value: object): string | undefined {
  const carrying = `${url}?${CARRIED}=${Buffer.from(JSON.stringify(value)).toString("base64url")}`;
  return carrying.length <= LONGEST_URL ? carrying : undefined;
}

/** The schema of that parameter, as an input field of the webhook's endpoint. */
export const carried = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.string("must be text"),
    v.description("the data that Parley has put into the webhook's URL"),
    v.transform((text) => Buffer.from(text, "base64url").toString("utf8")),
    v.parseJson(undefined, "must be the data that Parley has put into the webhook's URL"),
    schema,
  );

/** The data in a webhook's URL, if it matches the schema. */
export function readCarried<Schema extends v.GenericSchema>(
  schema: Schema,
  url: string | undefined,
): v.InferOutput<Schema> | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const read = v.safeParse(carried(schema), new URL(url).searchParams.get(CARRIED) ?? "");
  return read.success ? read.output : undefined;
}

/** A webhook's URL without the carried data, which identifies it. */
export const withoutQuery = (url: string | undefined): string | undefined => url?.split("?")[0];
