import type { Call } from "../../../core/call.ts";
import type { Log } from "../../../core/log.ts";
import type { Sid } from "../../../core/sid.ts";
import type { SendHook } from "./signed-hook.ts";

/** Where archives go. Storing the same conversation again replaces what was there, or says it once more. */
export type StoreArchive = (
  conversationSid: Sid<"CH">,
  lines: string,
  tools: { readonly call: Call; readonly log: Log },
) => Promise<void>;

/**
 * CloudWatch takes lines of 256 KB; this leaves room for what JSON in JSON needs. Counted in characters and not in halves
 * of them, so that none is cut in two.
 */
const PART = /[\s\S]{1,32000}/gu;

/**
 * Into the log, as `archive` lines with numbered parts: put together in order, they are the archive. A conversation that
 * is archived twice has two such rows, each with its own `requestId`.
 */
export const storeInLog: StoreArchive = async (conversationSid, lines, { log }) => {
  const parts = lines.match(PART) ?? [];
  for (const [index, ndjson] of parts.entries()) {
    log.info("archive", { conversationSid, part: index + 1, parts: parts.length, ndjson });
  }
};

/** To a service of the company's own, as a signed `PUT <url>/<conversation's SID>.ndjson`. */
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
