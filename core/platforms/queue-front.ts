import * as v from "valibot";
import { signedByTwilio } from "../access/signed-by-twilio.ts";
import { eventQueue } from "../aws/event-queue.ts";
import { defineHandler } from "../handler.ts";

/**
 * What answers Twilio on Lambda in the place of a handler whose events wait in a queue: checks the signature, puts the
 * request into the queue, and is done. Twice in five minutes is once in the queue, and the handler behind it bears the
 * rest. When the queue does not take it, that is a 502, and the event is lost: Twilio repeats no post-action webhook.
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
