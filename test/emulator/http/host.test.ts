import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readHost } from "../../../emulator/http/host.ts";

describe("readHost", () => {
  it.each([
    ["conversations.twilio.com", "conversations", "https://conversations.twilio.com"],
    ["Conversations.Twilio.com:443", "conversations", "https://conversations.twilio.com"],
    ["conversations.dublin.ie1.twilio.com", "conversations", "https://conversations.dublin.ie1.twilio.com"],
    ["mcs.us1.twilio.com", "mcs", "https://mcs.us1.twilio.com"],
    ["127.0.0.1:4010", undefined, "http://127.0.0.1:4010"],
    ["localhost:4010", undefined, "http://localhost:4010"],
    ["[::1]:4010", undefined, "http://[::1]:4010"],
    ["eviltwilio.com", undefined, "http://eviltwilio.com"],
    ["conversations.twilio.com.evil.com", undefined, "http://conversations.twilio.com.evil.com"],
  ])("reads %s", (header, product, origin) => {
    expect(readHost(header, "fallback:1")).toMatchObject({ product, origin });
  });

  it("distinguishes local hosts from others", () => {
    const isLoopback = (header: string) => readHost(header, "fallback:1").isLoopback;
    expect(["127.0.0.1:1", "localhost", "[::1]:80", "127.9.9.9"].map(isLoopback)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(
      ["example.com", "127.0.0.1.evil.com", "conversations.twilio.com", "10.0.0.1"].map(isLoopback),
    ).toEqual([false, false, false, false]);
  });

  it("never writes anything but a host into URLs", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (header) => {
        const { origin } = readHost(header, "127.0.0.1:1");
        expect(origin).toMatch(/^https?:\/\/[a-z0-9._:[\]-]+$/);
      }),
    );
  });
});
