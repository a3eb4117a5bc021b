import { createHash } from "node:crypto";
import * as v from "valibot";
import { listVariable } from "../../../core/environment.ts";
import { address } from "../../../core/input.ts";

/** A variable that lists proxy addresses of any channels, separated by commas. */
export const poolVariable = () =>
  v.pipe(
    listVariable(),
    v.minLength(1, "must name an address at least"),
    v.array(address()),
    v.transform((addresses): readonly string[] => [...new Set(addresses)]),
  );

/** The channel that an address is of: `sms`, or what stands before its colon. */
export const channelOf = (address: string): string => /^(\w+):/.exec(address)?.[1] ?? "sms";

/**
 * The pool's addresses of a person's channel, in the order in which that person is to get them: by rendezvous hashing
 * (Thaler and Ravishankar, 1998). Nothing has to be remembered for a person to begin with the same address each time, and
 * a change of the pool moves only those whose address has gone.
 */
export function proxiesFor(person: string, pool: readonly string[]): string[] {
  const weight = (proxy: string) => createHash("sha256").update(`${person} ${proxy}`).digest("hex");
  return pool
    .filter((proxy) => channelOf(proxy) === channelOf(person) && proxy !== person)
    .map((proxy) => ({ proxy, weight: weight(proxy) }))
    .sort((a, b) => (a.weight < b.weight ? -1 : 1))
    .map(({ proxy }) => proxy);
}
