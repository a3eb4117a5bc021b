import { expect } from "vitest";
import type { Bench } from "../../emulator/support/emulator.ts";
import { ANSWER_LOST, DONE_BUT_FAILED, type Fate, failed, LOST, UNANSWERED } from "../../support/faults.ts";
import { exampleOf } from "./example.ts";
import { accountOf } from "./support.ts";

/** Every fault that a request of an apply can meet. */
export const fates: readonly { readonly name: string; readonly fate: Fate }[] = [
  { name: "is lost", fate: LOST },
  { name: "is done and its answer is lost", fate: ANSWER_LOST },
  { name: "fails", fate: failed() },
  { name: "is done and fails", fate: DONE_BUT_FAILED },
  { name: "is never answered", fate: UNANSWERED },
  { name: "is done and never answered", fate: { effect: "hang", when: "after" } },
];

/** Applies the example with a fault in one of its requests, and once more; all must be there then, once. */
export async function applyTwice(b: Bench, match: object, fate: Fate, skip: number): Promise<void> {
  const account = accountOf(b.emulator, exampleOf(b.emulator), {
    variables: { FCM_SECRET: "a secret of the push service" },
  });
  await b.fault({ on: "request", match, ...fate, skip, times: 1 });
  // A look-up that failed may have been repeated.
  await account.apply().catch(() => 0);
  expect(await b.faults()).toMatchObject([{ struck: 1 }]);
  await b.control("DELETE", "/faults");
  await account.apply();
  expect(await account.plan()).toMatchObject({ changes: [] });
  const { v1 } = b.client.conversations;
  const names = (list: readonly { friendlyName: string }[]) =>
    list.map(({ friendlyName }) => friendlyName).sort();
  expect(names(await v1.services.list())).toEqual(["Default Conversations Service", "Support"]);
  expect(names(await v1.roles.list()).filter((name) => name === "agent")).toHaveLength(1);
  expect(await v1.addressConfigurations.list()).toHaveLength(2);
  expect(await v1.credentials.list()).toHaveLength(1);
  expect(await b.client.content.v1.contents.list()).toHaveLength(1);
}
