import { describe, expect, it } from "vitest";
import { useBench } from "../../emulator/support/emulator.ts";
import { ANSWER_LOST, DONE_BUT_FAILED, type Fate, failed, LOST, UNANSWERED } from "../../support/faults.ts";
import { exampleOf } from "./example.ts";
import { accountOf } from "./support.ts";

const bench = useBench();
const VARIABLES = { FCM_SECRET: "a secret of the push service" };
/** How many requests of the example change something. */
const WRITES = 15;
const DONE_BUT_UNANSWERED: Fate = { effect: "hang", when: "after" };
const fates: readonly (readonly [string, Fate])[] = [
  ["is lost", LOST],
  ["is done and its answer is lost", ANSWER_LOST],
  ["fails", failed()],
  ["is done and fails", DONE_BUT_FAILED],
  ["is never answered", UNANSWERED],
  ["is done and never answered", DONE_BUT_UNANSWERED],
];

/** Every change meets some fate; `npm run test:account` has each meet all of them. */
const isSampled = (change: number, fate: number): boolean =>
  process.env.EVERY_FAULT === "true" || change % fates.length === fate;

describe.each(fates.map(([name, fate], index) => ({ name, fate, index })))(
  "when a request $name",
  ({ fate, index }) => {
    const changes = Array.from({ length: WRITES }, (_, change) => change);
    it.each(changes.filter((change) => isSampled(change, index)))(
      "a second apply reaches the goal, change %i",
      async (skip) => {
        const b = bench.current;
        const account = accountOf(b.emulator, exampleOf(b.emulator), { variables: VARIABLES });
        await b.fault({ on: "request", match: { method: "POST" }, ...fate, skip, times: 1 });
        await expect(account.apply()).rejects.toThrow();
        expect(await b.faults()).toMatchObject([{ struck: 1 }]);
        await b.control("DELETE", "/faults");
        await account.apply();
        expect(await account.plan()).toMatchObject({ changes: [] });
        // Nothing was made twice.
        const { v1 } = b.client.conversations;
        expect((await v1.services.list()).map(({ friendlyName }) => friendlyName).sort()).toEqual([
          "Default Conversations Service",
          "Support",
        ]);
        expect(await v1.addressConfigurations.list()).toHaveLength(2);
        expect(await v1.credentials.list()).toHaveLength(1);
        expect(await b.client.content.v1.contents.list()).toHaveLength(1);
        expect((await v1.roles.list()).filter(({ friendlyName }) => friendlyName === "agent")).toHaveLength(
          1,
        );
      },
    );
  },
);
