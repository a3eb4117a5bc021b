import { expect, it } from "vitest";
import { startEmulator } from "../../../../emulator/emulator.ts";
import { TestAccount } from "../../../emulator/support/emulator.ts";
import { applyTwice, effects } from "./after-a-fault.ts";

/** How many requests the example's plan and apply send; a fault that is never injected fails its test. */
const REQUESTS = 48;
/** Cases side by side: most of their time they wait for a request that is never answered. */
const LANES = 8;

it.each(effects)(
  "when a request $name, a second apply completes",
  { timeout: 300_000 },
  async ({ effect }) => {
    const failures: string[] = [];
    let next = 0;
    const lane = async () => {
      for (let request = next++; request < REQUESTS; request = next++) {
        const account = new TestAccount(await startEmulator({ clock: "manual", joining: 0 }));
        await applyTwice(account, {}, effect, request).catch((error: unknown) =>
          failures.push(`request ${request}: ${error instanceof Error ? error.stack : error}`),
        );
        await account.close();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    expect(failures).toEqual([]);
  },
);
