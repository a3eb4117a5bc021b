import { lookup as lookUp } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** IPv4 addresses outside the public internet (https://www.iana.org/assignments/iana-ipv4-special-registry). */
const SPECIAL_IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** The same among the global unicast addresses of IPv6 (https://www.iana.org/assignments/iana-ipv6-special-registry). */
const SPECIAL_IPV6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

interface Lists {
  readonly special: BlockList;
  readonly global: BlockList;
}

let lists: Lists | undefined;

/** Created at first use, so that a cold start does not wait for them. */
function listsOnce(): Lists {
  if (lists === undefined) {
    const special = new BlockList();
    for (const [net, prefix] of SPECIAL_IPV4) special.addSubnet(net, prefix, "ipv4");
    for (const [net, prefix] of SPECIAL_IPV6) special.addSubnet(net, prefix, "ipv6");
    const global = new BlockList();
    global.addSubnet("2000::", 3, "ipv6");
    lists = { special, global };
  }
  return lists;
}

/**
 * Whether an IP address belongs to the public internet. For IPv6 that is global unicast only, so that mapped, translated or
 * tunnelled IPv4 addresses cannot bypass the check.
 */
export function isPublicAddress(address: string): boolean {
  const { special, global } = listsOnce();
  const version = isIP(address);
  if (version === 4) return !special.check(address, "ipv4");
  return version === 6 && global.check(address, "ipv6") && !special.check(address, "ipv6");
}

/** A name has no address, or one outside the public internet. */
export class NoPublicAddress extends Error {}

/**
 * Resolves a host name for a connection, and fails unless all of its addresses are public. The connection is made to the
 * addresses that were checked, so a DNS record that changes meanwhile has no effect.
 *
 * @param resolve The system's resolver.
 */
export const publicLookup =
  (resolve: typeof lookUp = lookUp): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || first === undefined) {
        const isTemporary = error?.code === "EAI_AGAIN";
        callback(
          isTemporary ? error : new NoPublicAddress(`${hostname} has no address`, { cause: error }),
          [],
        );
      } else if (!addresses.every(({ address }) => isPublicAddress(address)))
        callback(new NoPublicAddress(`${hostname} has an address that is not public`), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
