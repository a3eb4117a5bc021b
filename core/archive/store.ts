import type { Call } from "../handler.ts";
import type { Log } from "../log.ts";
import type { SendHook } from "../signed-hook.ts";

/** Where archives go. Storing the same conversation again replaces what was there, or says it once more. */
export type StoreArchive = (
  conversationSid: string,
  lines: string,
  tools: { readonly call: Call; readonly log: Log },
) => Promise<void>;

/** CloudWatch takes lines of 256 KB; this leaves room for the quotes that JSON in JSON needs. */
const LONGEST_PART = 64_000;

/**
 * Into the log, as `archive` lines with numbered parts: put together in order, they are the archive. A conversation that
 * is archived twice has two such rows, each with its own `requestId`.
 */
export const storeInLog: StoreArchive = async (conversationSid, lines, { log }) => {
  const parts = Math.ceil(lines.length / LONGEST_PART);
  for (let part = 1; part <= parts; part++) {
    const ndjson = lines.slice((part - 1) * LONGEST_PART, part * LONGEST_PART);
    log.info("archive", { conversationSid, part, parts, ndjson });
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
