import { type Change, takesAway } from "./change.ts";
import type { Context } from "./context.ts";
import { type AccountKind, kinds } from "./kinds/all.ts";
import type { Account } from "./schema.ts";

/** All changes that the file requires, in order, and findings that no change can fix. */
export async function plan(
  account: Account,
  newContext: () => Context,
): Promise<{ changes: Change[]; warnings: readonly string[] }> {
  const context = newContext();
  const changes: Change[] = [];
  for (const kind of kinds) changes.push(...(await kind.plan(account, context)));
  const isDeletion = ({ action }: Change) => action === "delete";
  return {
    changes: [...changes.filter((change) => !isDeletion(change)), ...changes.filter(isDeletion).reverse()],
    warnings: [...new Set(context.warnings)],
  };
}

/** Callbacks of `apply`. */
export interface Conduct {
  /** Subjects whose removal the user has confirmed. */
  readonly agreed: ReadonlySet<string>;
  /** Called before each change. */
  report(change: Change): void;
  /** Queried before each change. */
  shouldStop(): boolean;
}

/**
 * Makes the changes. Each kind is compared again just before, when the resources it refers to exist; so changes that were made
 * before an interruption, or by another process meanwhile, are recognized.
 *
 * @returns the number of changes.
 */
export async function apply(
  account: Account,
  newContext: () => Context,
  { agreed, report, shouldStop }: Conduct,
): Promise<number> {
  let made = 0;
  const makeAll = async (kind: AccountKind, isWanted: (change: Change) => boolean) => {
    if (shouldStop()) return;
    for (const change of (await kind.plan(account, newContext())).filter(isWanted)) {
      if (shouldStop()) return;
      if (takesAway(change) && !agreed.has(change.subject)) continue;
      report(change);
      await change.run();
      made++;
    }
  };
  for (const kind of kinds) await makeAll(kind, ({ action }) => action !== "delete");
  if (agreed.size > 0)
    for (const kind of [...kinds].reverse()) await makeAll(kind, ({ action }) => action === "delete");
  return made;
}

/** The state at Twilio in the form of a file. */
export async function pull(newContext: () => Context): Promise<Account> {
  const context = newContext();
  const account: Account = {};
  for (const kind of kinds) await kind.pull(account, context);
  return account;
}
