import type { Change } from "../change.ts";
import type { Context } from "../context.ts";
import type { Account } from "../schema.ts";

/** One kind of resource, which a section of the file describes, or a part of it. */
export interface Kind<Name extends keyof Account = keyof Account> {
  readonly section: Name;
  /** The changes that lead from what is at Twilio to what the section says. */
  plan(section: NonNullable<Account[Name]>, context: Context): Promise<Change[]>;
  /** What is at Twilio, as the section would say it; one of the kinds of a section does it. */
  readonly pull?: (context: Context) => Promise<Account[Name]>;
}
