import * as v from "valibot";
import { address, identity } from "../input.ts";

/** A chat user, or a person on a phone who is reached through a proxy address of the account. */
export type Agent =
  | {
      readonly identity: string;
      /** The account's number for them in group texts. */
      readonly projectedAddress?: string | undefined;
    }
  | { readonly address: string; readonly proxyAddress: string };

const MOST_AGENTS = 20;

/** The schema of an agent in settings and calls: an identity, or an object. */
export const agent = () =>
  v.pipe(
    v.union(
      [
        identity(),
        v.strictObject({ identity: identity(), projectedAddress: v.optional(address()) }),
        v.strictObject({ address: address(), proxyAddress: address() }),
      ],
      'must be an identity, {"identity":"…","projectedAddress":"+1…"} or {"address":"+1…","proxyAddress":"+1…"}',
    ),
    v.transform((one): Agent => (typeof one === "string" ? { identity: one } : one)),
  );

/** A list of agents, limited since a call may fetch facts about each of them. */
export const agents = () =>
  v.pipe(
    v.array(agent()),
    v.minLength(1, "must contain at least one agent"),
    v.maxLength(MOST_AGENTS, `must contain at most ${MOST_AGENTS} agents`),
  );
