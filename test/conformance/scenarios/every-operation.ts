import { allOperations, type Operation } from "../../../emulator/api/operations.ts";
import { inTheAccount } from "../play/scenario.ts";
import type { Stage } from "../play/stage.ts";

const operations = allOperations.filter(({ access }) => access !== "anyone");

/** The URL of an operation on things that do not exist, in a service that does. */
function urlOf({ product, path }: Operation, stage: Stage): string {
  const concrete = path
    .replace("{ChatServiceSid}", stage.serviceSid)
    .replace("{AccountSid}", stage.emulator.accountSid)
    .replace(/\{\w+\}/g, `XX${"0".repeat(32)}`);
  return `https://${product}.twilio.com${concrete}`;
}

export const everyOperation = [
  inTheAccount("every operation wants the account's credentials", async (stage) => {
    const { accountSid, authToken } = stage.emulator;
    const strangers = [stage.as(accountSid, "wrong"), stage.as(`AC${"0".repeat(32)}`, authToken)];
    for (const operation of operations) {
      for (const stranger of strangers) {
        const answer = await stage.request(operation.method, urlOf(operation, stage), {}, stranger);
        expectRefusal(operation, answer, "401/20003");
      }
    }
  }),

  inTheAccount("every operation on something that does not exist answers 404", async (stage) => {
    for (const operation of operations.filter(({ path }) => /\{(?!ChatServiceSid|AccountSid)/.test(path))) {
      const answer = await stage.request(operation.method, urlOf(operation, stage));
      expectRefusal(operation, answer, "404/20404");
    }
  }),

  inTheAccount("every operation in a service that does not exist answers 404", async (stage) => {
    for (const operation of operations.filter(({ path }) => path.includes("{ChatServiceSid}"))) {
      const url = urlOf(operation, stage).replace(stage.serviceSid, `IS${"0".repeat(32)}`);
      expectRefusal(operation, await stage.request(operation.method, url), "404/20404");
    }
  }),
];

/** What is not emulated says so, whatever it is asked. */
function expectRefusal({ method, path }: Operation, answer: unknown, expected: string): void {
  const { statusCode, body } = answer as { statusCode: number; body: { code?: number } };
  const got = `${statusCode}/${body?.code}`;
  if (statusCode !== 501 && got !== expected)
    throw new Error(`${method} ${path}: expected ${expected}, got ${got}`);
}
