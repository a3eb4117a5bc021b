import { part } from "./dom.ts";
import { texts } from "./texts.ts";

let timer: number | undefined;

/** Shows a problem until the next one, or for ten seconds. An empty text takes it away. */
export function showProblem(text: string): void {
  const element = part("problem", HTMLParagraphElement);
  element.textContent = text;
  element.hidden = text === "";
  clearTimeout(timer);
  if (text !== "") timer = window.setTimeout(() => showProblem(""), 10_000);
}

/** Does something that can fail at Twilio, and tells the person when it has ("Error Handling and Diagnostics"). */
export async function attempt<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    // For a developer who looks: the browser lists it with its stack.
    reportError(error);
    showProblem(explain(error));
    return undefined;
  }
}

/** Codes of the SDK and of the API that a person can do something about. */
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

/** What an error of the SDK means for the person. It may carry Twilio's code, the HTTP status, or neither. */
export function explain(error: unknown): string {
  const { code, status, body } = Object(error) as { code?: unknown; status?: unknown; body?: unknown };
  const inner: unknown = Object(body).code;
  const known = BY_CODE.get(Number(inner)) ?? BY_CODE.get(Number(code));
  if (known !== undefined) return known;
  const number = Number(status ?? code);
  if (number === 403) return texts.problems.forbidden;
  if (number === 413 || number === 415) return texts.problems.file;
  if (number === 429) return texts.problems.tooMany;
  return navigator.onLine ? texts.problems.unknown : texts.problems.offline;
}
