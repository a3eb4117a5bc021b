import type { Call } from "../call.ts";
import type { Log } from "../log.ts";
import type { SendHook } from "../signed-hook.ts";

/** Stores files of JSON lines. Storing one of the same name again replaces it, or writes it again. */
export interface ArchiveStore {
  /** The location of a file, such as `s3://my-archive/CH….ndjson`. */
  locationOf(name: string): string;
  store(name: string, lines: string, context: { readonly call: Call; readonly log: Log }): Promise<void>;
}

/** The type of such a file. */
export const CONTENT_TYPE = "application/x-ndjson";

/** The name of a file with its extension. */
export const fileOf = (name: string): string => `${name}.ndjson`;

/**
 * CloudWatch accepts lines of 256 KB; this leaves room for the escapes of JSON in JSON. Counted in code points, so that no
 * surrogate pair is split.
 */
const PART = /[\s\S]{1,32000}/gu;

/**
 * Writes files to the log, as `archive` lines with numbered parts. A file that is stored twice has two such sequences, each
 * with its own `requestId`.
 */
export const storeInLog: ArchiveStore = {
  locationOf: (name) => `log:${fileOf(name)}`,
  async store(name, lines, { log }) {
    const parts = lines.match(PART) ?? [];
    for (const [index, ndjson] of parts.entries()) {
      log.info("archive", { file: fileOf(name), part: index + 1, parts: parts.length, ndjson });
    }
  },
};

/** Sends files to a service of your own, as a signed `PUT <url>/<name>.ndjson`. */
export function storeByHook(url: string, sendHook: SendHook): ArchiveStore {
  const locationOf = (name: string) => `${url.replace(/\/+$/, "")}/${fileOf(name)}`;
  return {
    locationOf,
    async store(name, lines, { call }) {
      await sendHook(call, {
        method: "PUT",
        url: locationOf(name),
        id: `archive-${name}`,
        content: { type: CONTENT_TYPE, body: lines },
      });
    },
  };
}
