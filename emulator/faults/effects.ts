import { STATUS_CODES } from "node:http";
import * as v from "valibot";
import { duration, flag, integer, oneOf, optional, strict, text } from "../input.ts";

/** The fields of a fault besides its effect and the effect's options. */
const otherFields = ["id", "on", "match", "skip", "times", "probability"];

/** 30008, "Unknown error" (error dictionary): the carrier gives no reason. */
const unknownError = 30_008;

const when = v.nullish(oneOf(["before", "after"]), "before");
const status = integer(400, 599);
const code = optional(integer(1, 99_999));

const drop = effect("drop", { when });
const hang = effect("hang", { when });
const delay = v.pipe(
  effect("delay", { duration }),
  v.transform(({ name, duration: ms }) => ({ name, ms })),
);
const delayRequest = v.pipe(
  effect("delay", { when, duration }),
  v.transform(({ name, when, duration: ms }) => ({ name, when, ms })),
);
const failure = { when, status, code, message: optional(text) };

/** The effects by what they are injected into, each with its options. */
export const effects = {
  request: v.variant("effect", [
    v.pipe(
      effect("fail", { ...failure, retryAfter: optional(integer(0, 3600)) }),
      v.forward(
        v.check(
          ({ status, retryAfter }) => retryAfter === undefined || status === 429 || status === 503,
          "goes with status 429 or 503 only",
        ),
        ["retryAfter"],
      ),
      v.transform(({ retryAfter, ...error }) => ({ ...twilioError(error), retryAfter })),
    ),
    drop,
    delayRequest,
    hang,
  ]),
  webhook: v.variant("effect", [
    effect("fail", { when, status }),
    drop,
    effect("duplicate", { atOnce: v.nullish(flag, false) }),
    delay,
    effect("reorder", { behind: v.nullish(integer(1, 1000), 1) }),
    effect("hold", {}),
  ]),
  delivery: v.variant("effect", [
    effect("fail", {
      status: v.nullish(oneOf(["undelivered", "failed"]), "undelivered"),
      code: v.nullish(integer(1, 99_999), unknownError),
    }),
    effect("drop", {}),
    delay,
  ]),
  sdkRequest: v.variant("effect", [
    v.pipe(
      effect("fail", failure),
      v.transform((error) => ({ ...twilioError(error), retryAfter: undefined })),
    ),
    drop,
    delayRequest,
    hang,
  ]),
  connection: v.variant("effect", [effect("refuse", { status }), delay]),
  frame: v.variant("effect", [effect("drop", {}), delay, effect("cut", {})]),
};

/** An effect with its options; the output has it as `name`. */
function effect<const Name extends string, const Options extends v.ObjectEntries>(
  name: Name,
  options: Options,
) {
  return v.pipe(
    strict({ effect: v.literal(name), ...options }, otherFields),
    v.transform(({ effect: _, ...options }) => ({ name, ...options })),
  );
}

interface Failure {
  readonly status: number;
  readonly code?: number | undefined;
  readonly message?: string | undefined;
}

/** Completes Twilio's error: its general codes end with the status, 20404, 20429, 20500; only that of 401 is 20003. */
function twilioError<F extends Failure>(failure: F) {
  const { status } = failure;
  const { code = status === 401 ? 20_003 : 20_000 + status } = failure;
  const { message = STATUS_CODES[status] ?? "Error" } = failure;
  return { ...failure, code, message };
}
