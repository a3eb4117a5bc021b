import * as v from "valibot";
import { address, identity } from "../input.ts";

/** A chat user, or somebody on a phone who takes part in conversations under a proxy address of the account. */
export type Agent =
  | {
      readonly identity: string;
      /** The account's number that a group text sees for them. */
      readonly projectedAddress?: string | undefined;
    }
  | { readonly address: string; readonly proxyAddress: string };

const MOST_AGENTS = 20;

/** An agent of the settings or of a call: an identity, or an object. */
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

/** One agent at least, and as many as can be asked about within a call. */
export const agents = () =>
  v.pipe(
    v.array(agent()),
    v.minLength(1, "must name an agent"),
    v.maxLength(MOST_AGENTS, `holds more than ${MOST_AGENTS} agents`),
  );
