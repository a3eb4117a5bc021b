import { cut } from "./cut.ts";

/** The fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log of one call. Every line is one JSON object with the request's id. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Writes finished lines: to standard output on Lambda, to the console on Twilio Functions. */
export type LogSink = (level: "info" | "warn" | "error", line: string) => void;

const SECRET_NAME = /token|secret|password|authorization|signature|cookie|api_?key|credential/i;
const MESSAGE_NAME = /^(body|text|message_?body|media|attributes|.*variables|.*text)$/i;
/** Longest text in a line, so that no caller decides how long the line gets. */
const LONGEST_TEXT = 2_000;
/** A field for intentionally long text, which the caller splits into parts. */
const PART_NAME = "ndjson";
/** Longest line. CloudWatch accepts 256 KB. */
const LONGEST_LINE = 128_000;

/**
 * Opens logs without secrets: fields named like secrets and message bodies are redacted before they are written, and so is
 * any secret value that is part of another text, such as a URL or an error's message.
 *
 * @param secrets The deployment's secret values.
 * @returns a function from the fields of every line of a log, such as `requestId` and `handler`, to that log.
 */
export function openLog(sink: LogSink, secrets: readonly string[] = []): (base: LogFields) => Log {
  const escaped = secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
  return (base) => {
    const write = (level: "info" | "warn" | "error") => (event: string, fields?: LogFields) => {
      const line = JSON.stringify({ level, event, ...base, ...fields }, redact);
      const clean = withoutSecrets(line, escaped);
      const isShort = clean.length <= LONGEST_LINE;
      sink(level, isShort ? clean : JSON.stringify({ level, event, ...base, cut: cut(clean, LONGEST_TEXT) }));
    };
    return { info: write("info"), warn: write("warn"), error: write("error") };
  };
}

/** A log where no secret values are known. */
export const createLog = (sink: LogSink, base: LogFields): Log => openLog(sink)(base);

/**
 * Whether a name is that of a secret or of a message, for the latest names. The handlers use few; the indexes of a long list
 * are names too, and must neither fill the memory nor take the place of the others for good.
 */
const kinds = new Map<string, readonly [isSecret: boolean, isMessage: boolean]>();
const MOST_KINDS = 200;

function redact(name: string, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  let kind = kinds.get(name);
  if (kind === undefined) {
    kind = [SECRET_NAME.test(name), MESSAGE_NAME.test(name)];
    if (kinds.size === MOST_KINDS) kinds.clear();
    kinds.set(name, kind);
  }
  const [isSecret, isMessage] = kind;
  if (isSecret) return "[redacted]";
  if (isMessage && typeof value === "string") return `[redacted, ${value.length} characters]`;
  if (isMessage && typeof value === "object") return "[redacted]";
  if (value instanceof Error) return describeError(value);
  if (typeof value === "string" && name !== PART_NAME) return cut(value, LONGEST_TEXT);
  if (typeof value === "bigint") return value.toString();
  return value;
}

/** An error's name, codes, message, stack and cause. Other properties, such as a failed request's body, are omitted. */
function describeError(error: Error & { code?: unknown; status?: unknown }): LogFields {
  return {
    name: error.name,
    message: error.message,
    code: error.code,
    status: error.status,
    stack: error.stack,
    cause: error.cause,
  };
}

/** @param secrets As they are written in JSON. */
function withoutSecrets(line: string, secrets: readonly string[]): string {
  let clean = line;
  for (const secret of secrets) clean = clean.replaceAll(secret, "[redacted]");
  return clean;
}
