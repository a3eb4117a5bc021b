import { createHash } from "node:crypto";
import * as v from "valibot";
import { listVariable } from "../../../core/environment.ts";
import { address } from "../../../core/input.ts";

/** A variable that lists proxy addresses of any channels, separated by commas. */
export const poolVariable = () =>
  v.pipe(
    listVariable(),
    v.minLength(1, "must contain at least one address"),
    v.array(address()),
    v.transform((addresses): readonly string[] => [...new Set(addresses)]),
  );

/** The channel of an address: `sms`, or the prefix before the colon. */
export const channelOf = (address: string): string => /^(\w+):/.exec(address)?.[1] ?? "sms";

/**
 * The pool's addresses of a person's channel, in this person's order: by rendezvous hashing (Thaler and Ravishankar, 1998).
 * So a person gets the same address first each time without stored state, and a change of the pool affects only people whose
 * address was removed.
 */
export function proxiesFor(person: string, pool: readonly string[]): string[] {
  const weight = (proxy: string) => createHash("sha256").update(`${person} ${proxy}`).digest("hex");
  return pool
    .filter((proxy) => channelOf(proxy) === channelOf(person) && proxy !== person)
    .map((proxy) => ({ proxy, weight: weight(proxy) }))
    .sort((a, b) => (a.weight < b.weight ? -1 : 1))
    .map(({ proxy }) => proxy);
}
