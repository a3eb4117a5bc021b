import { hasConnection, thisSession } from "./connection.ts";
import { part } from "./dom.ts";
import { texts } from "./texts.ts";

const timers = new Map<string, number>();

/** Shows a problem until the next one, or for ten seconds. An empty text hides it. */
export function showProblem(text: string): void {
  showFor10s("problem", text);
}

/** Shows a problem until the next one. */
export function showLastingProblem(text: string): void {
  show("problem", text);
}

/** Shows a notice as a problem; a screen reader reads it without interrupting. */
export function showNotice(text: string): void {
  showFor10s("notice", text);
}

function showFor10s(id: "problem" | "notice", text: string): void {
  show(id, text);
  timers.set(
    id,
    window.setTimeout(() => show(id, ""), 10_000),
  );
}

function show(id: "problem" | "notice", text: string): void {
  const element = part(id, HTMLParagraphElement);
  element.textContent = text;
  element.hidden = text === "";
  clearTimeout(timers.get(id));
}

/** Calls the SDK and shows its failure to the user ("Error Handling and Diagnostics"), unless the session has ended. */
export async function attempt<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
  const isCurrent = thisSession();
  try {
    return await act();
  } catch (error) {
    if (!isCurrent()) return undefined;
    // For developers: the browser's console shows it with its stack.
    reportError(error);
    showProblem(explain(error));
    return undefined;
  }
}

/**
 * Like `attempt`, for changes: rejected without a connection, since the SDK would fail only later ("Error Handling and
 * Diagnostics").
 */
export function attemptChange<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
  if (hasConnection()) return attempt(act);
  showProblem(texts.problems.notConnected);
  return Promise.resolve(undefined);
}

/** Error codes of the SDK and of the API that the user can fix. */
const BY_CODE: ReadonlyMap<number, string> = new Map([
  [20101, texts.problems.expired],
  [20104, texts.problems.expired],
  [50107, texts.problems.forbidden],
  [50430, texts.problems.forbidden],
  [50403, texts.problems.tooMany],
  [20429, texts.problems.tooMany],
  [50300, texts.problems.tooLong],
  [50504, texts.problems.tooLong],
  [50354, texts.problems.closed],
]);

/**
 * The text for the user for an error of the SDK, with its code, by which support finds it in the Error Logs. It may have
 * Twilio's code, the HTTP status, or neither.
 */
export function explain(error: unknown): string {
  const fields = Object(error) as Record<"code" | "errorCode" | "status" | "body", unknown>;
  const { status, body } = fields;
  const code = fields.code ?? fields.errorCode;
  const inner: unknown = Object(body).code;
  const number = Number(inner ?? code ?? status);
  const text = textOf(Number(inner), Number(code), Number(status ?? code));
  return Number.isNaN(number) ? text : texts.problems.withCode(text, number);
}

function textOf(inner: number, code: number, status: number): string {
  const known = BY_CODE.get(inner) ?? BY_CODE.get(code);
  if (known !== undefined) return known;
  if (status === 403) return texts.problems.forbidden;
  if (status === 413 || status === 415) return texts.problems.file;
  if (status === 429) return texts.problems.tooMany;
  return navigator.onLine ? texts.problems.unknown : texts.problems.offline;
}
