import type { Answer, Fields } from "./http.ts";
import type { System } from "./system.ts";

/** Variables of a template that WhatsApp rejects: the code of the 400, and what its message names. */
const REJECTED: Readonly<Record<string, readonly [Record<string, unknown>, code: string, named: string]>> = {
  "a line break": [{ 1: "Robert", 2: "first\nsecond" }, "template_variable_invalid", "variable 2 "],
  "a line break of Windows": [{ 1: "a\r\nb", 2: "x" }, "template_variable_invalid", "variable 1 "],
  "a tab": [{ 1: "Robert", 2: "a\tb" }, "template_variable_invalid", "variable 2 "],
  "five spaces": [{ 1: "Robert", 2: "a     b" }, "template_variable_invalid", "variable 2 "],
  "an empty text": [{ 1: "", 2: "x" }, "template_variable_invalid", "variable 1 "],
  "only spaces": [{ 1: "Robert", 2: "  " }, "template_variable_invalid", "variable 2 "],
  null: [{ 1: "Robert", 2: null }, "invalid_input", ".2"],
  "a missing variable": [{ 1: "Robert" }, "template_variables_missing", "needs 2."],
  "an unknown variable": [{ 1: "Robert", 2: "x", 3: "y" }, "template_variables_unknown", "variable 3."],
  "more than 1,024 characters": [{ 1: "a".repeat(200), 2: "b".repeat(200) }, "template_too_long", "1024"],
};

/** The results of `rejections` when each of the variables is rejected as it must be. */
export const ALL_REJECTED = Object.fromEntries(
  Object.entries(REJECTED).map(([what, [, code]]) => [what, { status: 400, code, named: true }]),
);

/** Sends each of the variables with an approved template, and returns the status, the code and whether the message names it. */
export async function rejections(
  { account }: System,
  send: (contentSid: string, variables: Record<string, unknown>) => Promise<Answer<Fields>>,
): Promise<Record<string, unknown>> {
  const body = `News for {{1}}: {{2}} ${"and more ".repeat(70)}Bye.`;
  const contentSid = await account.template({ "twilio/text": { body } }, "approved");
  const results: [string, unknown][] = [];
  for (const [what, [variables, , named]] of Object.entries(REJECTED)) {
    const { status, body } = await send(contentSid, variables);
    const text = `${body.field}: ${body.message}`;
    results.push([what, { status, code: body.code, named: text.includes(named) }]);
  }
  return Object.fromEntries(results);
}
