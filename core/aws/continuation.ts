import * as v from "valibot";
import { readEnvironment, urlVariable } from "../environment.ts";
import type { Resource } from "../handler.ts";
import { writeQueued } from "../platforms/queued-request.ts";
import type { Request } from "../request.ts";
import { keyEntries, readKeys } from "../state/keys.ts";
import { sendToQueue } from "./queue.ts";
import { roleAccess, sha256 } from "./signature-v4.ts";

const entries = { EVENT_QUEUE_URL: v.optional(urlVariable()), ...keyEntries };

/**
 * Calls the endpoint again from its queue, as verified, with these fields.
 *
 * @param group Calls of one group run one after the other. At most 128 characters of the alphabet of Base64url.
 */
export type ContinueLater = (
  request: Request,
  fields: Readonly<Record<string, string>>,
  group: string,
) => Promise<void>;

/**
 * The queue through which a long call continues on Lambda; `undefined` on a platform without queues, where the caller
 * continues it with a cursor.
 *
 * Variables: `EVENT_QUEUE_URL`, the keys of records, which sign the queued requests, and those that Lambda sets.
 */
export const continuation: Resource<ContinueLater | undefined> = {
  entries,
  open(environment) {
    const { EVENT_QUEUE_URL: queueUrl } = readEnvironment(entries, environment);
    if (queueUrl === undefined) return () => undefined;
    const access = roleAccess(environment);
    const keys = readKeys(environment);
    return () =>
      async ({ url, publicBaseUrl }, fields, group) => {
        const raw = { query: "", body: JSON.stringify(fields), type: "application/json" };
        const request = { method: "POST", headers: new Map(), url, raw, publicBaseUrl };
        const body = writeQueued(keys, { ...request, fields, bodyHash: undefined });
        await sendToQueue(queueUrl, access, { body, group, deduplicationId: sha256(raw.body) });
      };
  },
};
