import type { Change } from "../change.ts";
import type { Context } from "../context.ts";
import type { Account } from "../schema.ts";

/** A kind of resource that a section of the file describes, or a part of one. */
export interface Kind<Name extends keyof Account = keyof Account> {
  readonly section: Name;
  /** The changes that are needed at Twilio. */
  plan(section: NonNullable<Account[Name]>, context: Context): Promise<Change[]>;
  /** The state at Twilio in the form of the section. Implemented by one kind of each section. */
  readonly pull?: (context: Context) => Promise<Account[Name]>;
}
