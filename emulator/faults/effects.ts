import { STATUS_CODES } from "node:http";
import type { Fields } from "./fields.ts";
import type {
  ConnectionEffect,
  DeliveryEffect,
  FrameEffect,
  Place,
  RequestEffect,
  Rule,
  WebhookEffect,
  When,
} from "./rule.ts";

/** The effects of each place, with the options that they take. */
const options = {
  request: {
    fail: ["when", "status", "code", "message", "retryAfter"],
    drop: ["when"],
    delay: ["when", "duration"],
    hang: ["when"],
  },
  webhook: {
    fail: ["when", "status"],
    drop: ["when"],
    duplicate: ["atOnce"],
    delay: ["duration"],
    reorder: ["behind"],
    hold: [],
  },
  delivery: { fail: ["status", "code"], drop: [], delay: ["duration"] },
  sdkRequest: {
    fail: ["when", "status", "code", "message"],
    drop: ["when"],
    delay: ["when", "duration"],
    hang: ["when"],
  },
  connection: { refuse: ["status"], delay: ["duration"] },
  frame: { drop: [], delay: ["duration"], cut: [] },
} as const satisfies Readonly<Record<Place, Readonly<Record<string, readonly string[]>>>>;

/** What happened to a message of which carriers say no more: 30008, "Unknown error" (error dictionary). */
const unknownError = 30_008;

/** Reads what a rule for `on` does, and throws a `FaultError` for options that its effect does not take. */
export function readEffect(
  on: Place,
  fields: Fields,
  otherFields: readonly string[],
): { [On in Place]: Pick<Extract<Rule, { on: On }>, "on" | "effect"> }[Place] {
  const close = (name: string, own: readonly string[]) =>
    fields.close([...otherFields, ...own], `the effect "${name}" of a ${on}`);
  switch (on) {
    case "request": {
      const name = readName(fields, options.request);
      close(name, options.request[name]);
      return { on, effect: readRequestEffect(name, fields) };
    }
    case "webhook": {
      const name = readName(fields, options.webhook);
      close(name, options.webhook[name]);
      return { on, effect: readWebhookEffect(name, fields) };
    }
    case "sdkRequest": {
      const name = readName(fields, options.sdkRequest);
      close(name, options.sdkRequest[name]);
      return { on, effect: readRequestEffect(name, fields) };
    }
    case "connection": {
      const name = readName(fields, options.connection);
      close(name, options.connection[name]);
      return { on, effect: readConnectionEffect(name, fields) };
    }
    case "frame": {
      const name = readName(fields, options.frame);
      close(name, options.frame[name]);
      return { on, effect: readFrameEffect(name, fields) };
    }
    case "delivery": {
      const name = readName(fields, options.delivery);
      close(name, options.delivery[name]);
      return { on, effect: readDeliveryEffect(name, fields) };
    }
  }
}

function readName<Name extends string>(fields: Fields, known: Readonly<Record<Name, unknown>>): Name {
  return fields.required("effect", fields.oneOf("effect", Object.keys(known) as Name[]));
}

function readRequestEffect(name: RequestEffect["name"], fields: Fields): RequestEffect {
  const when = readWhen(fields);
  switch (name) {
    case "delay":
      return { name, when, ms: fields.duration("duration") };
    case "drop":
    case "hang":
      return { name, when };
    case "fail": {
      const status = readStatus(fields);
      const retryAfter = fields.integer("retryAfter", 0, 3600);
      if (retryAfter !== undefined && status !== 429 && status !== 503)
        throw fields.error("retryAfter", "goes with status 429 or 503 only");
      const message = fields.text("message") ?? STATUS_CODES[status] ?? "Error";
      return {
        name,
        when,
        status,
        code: fields.integer("code", 1, 99_999) ?? codeOf(status),
        message,
        retryAfter,
      };
    }
  }
}

function readWebhookEffect(name: WebhookEffect["name"], fields: Fields): WebhookEffect {
  switch (name) {
    case "fail":
      return { name, when: readWhen(fields), status: readStatus(fields) };
    case "drop":
      return { name, when: readWhen(fields) };
    case "duplicate":
      return { name, atOnce: fields.flag("atOnce") };
    case "delay":
      return { name, ms: fields.duration("duration") };
    case "reorder":
      return { name, behind: fields.integer("behind", 1, 1000) ?? 1 };
    case "hold":
      return { name };
  }
}

function readDeliveryEffect(name: DeliveryEffect["name"], fields: Fields): DeliveryEffect {
  switch (name) {
    case "fail": {
      const status = fields.oneOf("status", ["undelivered", "failed"] as const) ?? "undelivered";
      return { name, status, code: fields.integer("code", 1, 99_999) ?? unknownError };
    }
    case "drop":
      return { name };
    case "delay":
      return { name, ms: fields.duration("duration") };
  }
}

function readConnectionEffect(name: ConnectionEffect["name"], fields: Fields): ConnectionEffect {
  if (name === "delay") return { name, ms: fields.duration("duration") };
  return { name, status: readStatus(fields) };
}

function readFrameEffect(name: FrameEffect["name"], fields: Fields): FrameEffect {
  return name === "delay" ? { name, ms: fields.duration("duration") } : { name };
}

function readWhen(fields: Fields): When {
  return fields.oneOf("when", ["before", "after"] as const) ?? "before";
}

function readStatus(fields: Fields): number {
  return fields.required("status", fields.integer("status", 400, 599));
}

/** Twilio's general codes end with the status: 20404, 20429, 20500, 20503; only 401 is 20003. */
function codeOf(status: number): number {
  return status === 401 ? 20_003 : 20_000 + status;
}
