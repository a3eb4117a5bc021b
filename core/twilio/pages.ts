import { isTwilioError } from "./errors.ts";

/** Twilio's error for a page token that is not valid, or not any more. */
const INVALID_TOKEN = 21481;

/**
 * Reads a page of a list, from a token of an earlier call. Tokens may become invalid, as when the resource at the page's
 * edge was deleted: then it is the first page.
 */
export async function pageAt<Page>(
  read: (pageToken: string | undefined) => Promise<Page>,
  token: string | undefined,
): Promise<{ readonly page: Page; readonly token: string | undefined }> {
  try {
    return { page: await read(token), token };
  } catch (error) {
    if (token === undefined || !isTwilioError(error, { code: INVALID_TOKEN })) throw error;
    return { page: await read(undefined), token: undefined };
  }
}

/** The token of the page after this one; `undefined` if it is the last. */
export function nextTokenOf({ nextPageUrl }: { readonly nextPageUrl?: string }): string | undefined {
  if (nextPageUrl === undefined) return undefined;
  return new URL(nextPageUrl).searchParams.get("PageToken") ?? undefined;
}
