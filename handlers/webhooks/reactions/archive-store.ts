import type { Call } from "../../../core/call.ts";
import type { Log } from "../../../core/log.ts";
import type { Sid } from "../../../core/sid.ts";
import type { SendHook } from "./signed-hook.ts";

/** Stores archives. Storing the same conversation again replaces the archive, or writes it again. */
export type StoreArchive = (
  conversationSid: Sid<"CH">,
  lines: string,
  context: { readonly call: Call; readonly log: Log },
) => Promise<void>;

/**
 * CloudWatch accepts lines of 256 KB; this leaves room for the escapes of JSON in JSON. Counted in code points, so that no
 * surrogate pair is split.
 */
const PART = /[\s\S]{1,32000}/gu;

/**
 * Writes the archive to the log, as `archive` lines with numbered parts. A conversation that is archived twice has two such
 * sequences, each with its own `requestId`.
 */
export const storeInLog: StoreArchive = async (conversationSid, lines, { log }) => {
  const parts = lines.match(PART) ?? [];
  for (const [index, ndjson] of parts.entries()) {
    log.info("archive", { conversationSid, part: index + 1, parts: parts.length, ndjson });
  }
};

/** Sends the archive to a service of your own, as a signed `PUT <url>/<conversation's SID>.ndjson`. */
export const storeByHook =
  (url: string, sendHook: SendHook): StoreArchive =>
  async (conversationSid, lines, { call }) => {
    await sendHook(call, {
      method: "PUT",
      url: `${url.replace(/\/+$/, "")}/${conversationSid}.ndjson`,
      id: `archive-${conversationSid}`,
      content: { type: "application/x-ndjson", body: lines },
    });
  };
