import { Stryker } from "@stryker-mutator/core";
import { table } from "./table.ts";

/*
 * Mutation testing: Stryker changes one expression at a time and runs the tests of that file, which should fail. Only tests that
 * execute the file in their own process count, since Stryker does not change bundles.
 */

const LEAST_PERCENT = 80;

const HELP = `npm run mutation -- [TEXT]…

Changes core/access, core/platforms and core/state one expression at a time, runs the tests of each file, and lists the changes
that no test notices. With TEXT, only files whose path contains it, such as core/state or record.ts.
The exit code is 1 if the tests of a file notice fewer than ${LEAST_PERCENT} % of the changes.`;

const SIGNATURE = ["test/core/access/signature.test.ts", "test/core/access/signed-by-twilio.test.ts"];
const RECORD = ["test/core/state/record.test.ts"];
const STATE = ["test/core/state/state.test.ts"];
const SEND_ONCE = ["test/core/state/send-once.test.ts"];
const LAMBDA = ["test/core/platforms/lambda.test.ts"];
const OPENER = ["test/core/platforms/opener.test.ts"];
const QUEUE = ["test/core/platforms/queue-consumer.test.ts"];

/** Each file with its tests. */
const SUBJECTS: readonly (readonly [file: string, tests: readonly string[]])[] = [
  ["core/access/access-token.ts", ["test/core/access/access-token.test.ts"]],
  ["core/access/attempts.ts", ["test/core/access/attempts.test.ts"]],
  ["core/access/basic.ts", ["test/core/access/basic.test.ts"]],
  ["core/access/bearer.ts", ["test/core/access/bearer.test.ts"]],
  ["core/access/guests.ts", ["test/core/access/guests.test.ts"]],
  ["core/access/hs256.ts", ["test/core/access/hs256.test.ts"]],
  ["core/access/password.ts", ["test/core/access/password.test.ts"]],
  ["core/access/signature.ts", SIGNATURE.slice(0, 1)],
  ["core/access/signed-by-twilio.ts", SIGNATURE],
  ["core/platforms/gateway-event.ts", ["test/core/platforms/gateway-event.test.ts"]],
  ["core/platforms/lambda.ts", [...LAMBDA, ...OPENER]],
  ["core/platforms/opener.ts", OPENER],
  ["core/platforms/queue-consumer.ts", QUEUE],
  ["core/platforms/queue-front.ts", QUEUE],
  ["core/platforms/queued-request.ts", QUEUE],
  ["core/platforms/secrets-extension.ts", OPENER],
  ["core/platforms/twilio-functions.ts", ["test/core/platforms/twilio-functions.test.ts"]],
  ["core/state/keys.ts", [...RECORD, ...STATE]],
  ["core/state/lock.ts", ["test/core/state/turn.test.ts"]],
  ["core/state/record.ts", [...RECORD, ...STATE]],
  ["core/state/send-once.ts", SEND_ONCE],
  ["core/state/state.ts", STATE],
];

const chosen = process.argv.slice(2);
if (chosen.includes("--help")) {
  console.log(HELP);
  process.exit();
}
const subjects = SUBJECTS.filter(
  ([file]) => chosen.length === 0 || chosen.some((text) => file.includes(text)),
);
if (subjects.length === 0) {
  console.error(`No file of ${SUBJECTS.map(([file]) => file).join(", ")} contains ${chosen.join(" or ")}.`);
  process.exit(2);
}

const rows: string[][] = [];
for (const [file, tests] of subjects) {
  const results = await new Stryker({ mutate: [file], testFiles: [...tests] }).runMutationTest();
  const count = (...statuses: readonly string[]) =>
    results.filter(({ status }) => statuses.includes(status)).length;
  const noticed = count("Killed", "Timeout");
  const all = noticed + count("Survived", "NoCoverage");
  const percent = all === 0 ? 100 : (100 * noticed) / all;
  if (percent < LEAST_PERCENT) process.exitCode = 1;
  rows.push([file, percent.toFixed(1), String(all), String(count("Survived")), String(count("NoCoverage"))]);
}
console.log(table(["file", "noticed %", "changes", "not noticed", "not executed"], rows));
