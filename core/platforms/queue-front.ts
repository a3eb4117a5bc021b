import * as v from "valibot";
import { signedByTwilio } from "../access/signed-by-twilio.ts";
import { eventQueue } from "../aws/event-queue.ts";
import { defineHandler } from "../handler.ts";

/**
 * Receives Twilio's requests on Lambda for a handler that reads its events from a queue: checks the signature and puts the
 * request into the queue. The queue discards a request that is repeated within five minutes; later duplicates are for the
 * handler. If the queue does not accept it, the answer is 502, and the event is lost: Twilio does not retry post-action
 * webhooks.
 */
export const queueFront = defineHandler({
  access: signedByTwilio,
  use: { enqueue: eventQueue },
  input: v.looseObject({}),
  async run(_fields, { enqueue, request }) {
    await enqueue(request);
    return { status: "queued" };
  },
});
