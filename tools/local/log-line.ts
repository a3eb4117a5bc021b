import { cut } from "../../core/cut.ts";
import { endpoints } from "../../infra/endpoints.ts";

/** A line of the functions' log for a terminal. */
export interface ReadableLine {
  readonly text: string;
  readonly isError: boolean;
}

/** Longest value. */
const LONGEST = 500;
/** What Twilio's local runtime prints after a call. */
const RUNTIME_LINE = /^(\d{3}) ([A-Z]+) \/(\S*) /;

/**
 * Returns a function that converts a line of the functions' log, a JSON object, or of Twilio's local runtime. It returns undefined for
 * lines that say nothing new: the runtime's list of URLs, its lines about calls that the function logs itself, lines of stacks,
 * and "answered" after the line with the reason of the same call's error.
 */
export function lineReader(): (line: string) => ReadableLine | undefined {
  const explained = new Set<unknown>();
  const logged = new Set(endpoints().map(({ name }) => name));
  return (line) => {
    const fields = fieldsIn(line);
    if (fields.event === undefined) return ofRuntime(line, logged);
    if (fields.event === "answered" && explained.delete(fields.requestId)) return undefined;
    if (fields.event === "refused" || fields.event === "failed") explained.add(fields.requestId);
    return ofFunction(fields);
  };
}

function ofFunction({
  level,
  event,
  handler,
  error,
  cause,
  ...fields
}: Readonly<Record<string, unknown>>): ReadableLine {
  const values = Object.entries({ ...fields, error: reasonOf(error), cause: reasonOf(cause) })
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${name}=${cut(oneLine(value), LONGEST)}`);
  return { text: [handler, event, ...values].join(" "), isError: level === "error" };
}

/** @param logged The endpoints, which log their own calls. */
function ofRuntime(line: string, logged: ReadonlySet<string>): ReadableLine | undefined {
  if (/^\w*Error: /.test(line)) return { text: line, isError: true };
  const [, status = "", method, path = ""] = RUNTIME_LINE.exec(line) ?? [];
  const [name = "", query] = path.split("?", 2);
  return Number(status) < 400 || logged.has(name)
    ? undefined
    : { text: `${method} /${name}${query === undefined ? "" : "?…"} ${status}`, isError: true };
}

function fieldsIn(line: string): Readonly<Record<string, unknown>> {
  try {
    return line.startsWith("{") ? JSON.parse(line) : {};
  } catch {
    return {};
  }
}

const oneLine = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value).trim().replaceAll("\n", "\\n");

/** An error as one text: its message, those of its causes, and where it was thrown when no code says what is wrong. */
function reasonOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return error === undefined ? undefined : String(error);
  const { name, message, code, stack, cause } = error as Record<string, unknown>;
  const frame = code === undefined ? /\n\s+(at .*)/.exec(String(stack))?.[1] : undefined;
  return [`${name}: ${message}`, frame, reasonOf(cause)].filter((part) => part !== undefined).join(" | ");
}
