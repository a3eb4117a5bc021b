import { readEnvironment, urlVariable } from "../environment.ts";
import type { Resource } from "../handler.ts";
import { writeQueued } from "../platforms/queued-request.ts";
import type { Request } from "../request.ts";
import { keyEntries, readKeys } from "../state/keys.ts";
import { sendToQueue } from "./queue.ts";
import { roleAccess, sha256 } from "./signature-v4.ts";

const entries = { EVENT_QUEUE_URL: urlVariable(), ...keyEntries };

const IDEMPOTENCY_TOKEN = "i-twilio-idempotency-token";

/** Puts a webhook's request into the queue. */
export type Enqueue = (request: Request) => Promise<void>;

/**
 * The queue in which events wait on Lambda: an SQS FIFO queue. Events of one conversation are a group, whose order the
 * queue keeps; those of users, which belong to no conversation, are a group by service. An event that Twilio delivers
 * again within five minutes is one message, by the `I-Twilio-Idempotency-Token` that both deliveries carry.
 *
 * Variables: `EVENT_QUEUE_URL`, the keys of records, which sign the queued requests, and those that Lambda sets.
 */
export const eventQueue: Resource<Enqueue> = {
  entries,
  open(environment) {
    const { EVENT_QUEUE_URL: url } = readEnvironment(entries, environment);
    const access = roleAccess(environment);
    const keys = readKeys(environment);
    return () => (request) =>
      sendToQueue(url, access, {
        body: writeQueued(keys, request),
        group: groupOf(request.fields),
        deduplicationId: deduplicationId(request),
      });
  },
};

const isGroup = (sid: unknown): sid is string => typeof sid === "string" && /^\w{1,128}$/.test(sid);

const groupOf = ({ ConversationSid, ChatServiceSid }: Request["fields"]): string =>
  [ConversationSid, ChatServiceSid].find(isGroup) ?? "others";

function deduplicationId({ headers, raw }: Request): string {
  const token = headers.get(IDEMPOTENCY_TOKEN);
  if (token !== undefined && /^[\w-]{1,128}$/.test(token)) return token;
  return sha256(`${raw?.query}\n${raw?.body}`);
}
