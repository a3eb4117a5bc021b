import { allOperations, type Operation } from "../../../emulator/api/operations.ts";
import type { ScenarioContext } from "../run/context.ts";
import { inTheAccount } from "../run/scenario.ts";

const operations = allOperations.filter(({ access }) => access !== "anyone");

/** The URL of an operation on resources that do not exist, in an existing service. */
function urlOf({ product, path }: Operation, context: ScenarioContext): string {
  const concrete = path
    .replace("{ChatServiceSid}", context.serviceSid)
    .replace("{AccountSid}", context.emulator.accountSid)
    .replace(/\{\w+\}/g, `XX${"0".repeat(32)}`);
  return `https://${product}.twilio.com${concrete}`;
}

export const everyOperation = [
  inTheAccount("every operation requires the account's credentials", async (context) => {
    const { accountSid, authToken } = context.emulator;
    const strangers = [context.as(accountSid, "wrong"), context.as(`AC${"0".repeat(32)}`, authToken)];
    for (const operation of operations) {
      for (const stranger of strangers) {
        const answer = await context.request(operation.method, urlOf(operation, context), {}, stranger);
        expectRefusal(operation, answer, "401/20003");
      }
    }
  }),

  inTheAccount("every operation on an unknown resource responds with 404", async (context) => {
    for (const operation of operations.filter(({ path }) => /\{(?!ChatServiceSid|AccountSid)/.test(path))) {
      const answer = await context.request(operation.method, urlOf(operation, context));
      expectRefusal(operation, answer, "404/20404");
    }
  }),

  inTheAccount("every operation in an unknown service responds with 404", async (context) => {
    for (const operation of operations.filter(({ path }) => path.includes("{ChatServiceSid}"))) {
      const url = urlOf(operation, context).replace(context.serviceSid, `IS${"0".repeat(32)}`);
      expectRefusal(operation, await context.request(operation.method, url), "404/20404");
    }
  }),
];

/** Operations that are not emulated answer 501. */
function expectRefusal({ method, path }: Operation, answer: unknown, expected: string): void {
  const { statusCode, body } = answer as { statusCode: number; body: { code?: number } };
  const got = `${statusCode}/${body?.code}`;
  if (statusCode !== 501 && got !== expected)
    throw new Error(`${method} ${path}: expected ${expected}, got ${got}`);
}
