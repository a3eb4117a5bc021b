import { expect } from "vitest";
import type { TestAccount } from "../../../emulator/support/emulator.ts";
import {
  ANSWER_LOST,
  DONE_BUT_FAILED,
  type Effect,
  failed,
  LOST,
  UNANSWERED,
} from "../../../support/faults.ts";
import { exampleOf } from "../example.ts";
import { accountOf } from "../support.ts";

/** Every fault that is injected into a request of an apply. */
export const effects: readonly { readonly name: string; readonly effect: Effect }[] = [
  { name: "is lost", effect: LOST },
  { name: "is done and its answer is lost", effect: ANSWER_LOST },
  { name: "fails", effect: failed() },
  { name: "is done and fails", effect: DONE_BUT_FAILED },
  { name: "is never answered", effect: UNANSWERED },
  { name: "is done and never answered", effect: { effect: "hang", when: "after" } },
];

/** Applies the example with a fault in one of its requests, then again; afterwards every resource must exist once. */
export async function applyTwice(
  account: TestAccount,
  match: object,
  effect: Effect,
  skip: number,
): Promise<void> {
  const file = accountOf(account.emulator, exampleOf(account.emulator), {
    variables: { FCM_SECRET: "a secret of the push service" },
  });
  await account.fault({ on: "request", match, ...effect, skip, times: 1 });
  // A failed read may have been repeated.
  await file.apply().catch(() => 0);
  expect(await account.faults()).toMatchObject([{ struck: 1 }]);
  await account.control("DELETE", "/faults");
  await file.apply();
  expect(await file.plan()).toMatchObject({ changes: [] });
  const { v1 } = account.client.conversations;
  const names = (list: readonly { friendlyName: string }[]) =>
    list.map(({ friendlyName }) => friendlyName).sort();
  expect(names(await v1.services.list())).toEqual(["Default Conversations Service", "Support"]);
  expect(names(await v1.roles.list()).filter((name) => name === "agent")).toHaveLength(1);
  expect(await v1.addressConfigurations.list()).toHaveLength(2);
  expect(await v1.credentials.list()).toHaveLength(1);
  expect(await account.client.content.v1.contents.list()).toHaveLength(1);
}
