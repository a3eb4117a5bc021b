import type { LookupAddress, lookup } from "node:dns";
import { describe, expect, it } from "vitest";
import {
  isPublicAddress,
  NoPublicAddress,
  publicLookup,
} from "../../../../handlers/media/source/public-address.ts";

describe("a public IP address", () => {
  it.each([
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "172.15.0.1",
    "172.32.0.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::200e",
  ])("is %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.0.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "ff02::1",
    "localhost",
    "",
  ])("is not %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe("the DNS look-up of a connection", () => {
  /** The result for a connection when the resolver returns these answers in turn, and the number of queries. */
  function lookUp(answers: readonly (readonly LookupAddress[])[], all: boolean) {
    let asked = 0;
    const resolve = ((_name: string, _options: object, callback: (...args: unknown[]) => void) =>
      callback(null, answers[asked++])) as typeof lookup;
    return new Promise<{ result: unknown; asked: number }>((settle) => {
      publicLookup(resolve)("example.com", { all }, (error, address) =>
        settle({ result: error ?? address, asked }),
      );
    });
  }
  const here = { address: "127.0.0.1", family: 4 };
  const there = { address: "8.8.8.8", family: 4 };

  it.each([true, false])(
    "returns the same addresses that were checked, with one query (all: %s)",
    async (all) => {
      const { result, asked } = await lookUp([[there], [here]], all);
      expect(result).toEqual(all ? [there] : there.address);
      expect(asked).toBe(1);
    },
  );

  it.each([[[here]], [[there, here]], [[here, there]]])(
    "rejects when one of %j is not public",
    async (answer) => {
      expect((await lookUp([answer], true)).result).toBeInstanceOf(NoPublicAddress);
    },
  );

  it("fails for a name without addresses", async () => {
    expect((await lookUp([[]], true)).result).toBeInstanceOf(NoPublicAddress);
  });
});
