import { afterEach, describe, expect, it, vi } from "vitest";
import { Attempts } from "../../../core/access/attempts.ts";

const wrong = () => Promise.resolve(false);
const right = () => Promise.resolve(true);

describe("Attempts", () => {
  afterEach(() => vi.useRealTimers());

  /** Five failed attempts for alice, at a fixed time. */
  async function exhausted() {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
    const attempts = new Attempts();
    for (let count = 0; count < 5; count++) expect(await attempts.make("alice", wrong)).toBe(false);
    return attempts;
  }

  it("rejects the sixth after five failed ones, without checking the password", async () => {
    const attempts = await exhausted();
    const check = vi.fn(right);
    vi.setSystemTime(1_020_000);
    const rejection = { status: 429, code: "too_many_attempts", retryAfter: 40 };
    await expect(attempts.make("alice", check)).rejects.toMatchObject(rejection);
    expect(check).not.toHaveBeenCalled();
    expect(await attempts.make("bob", right)).toBe(true);
  });

  it("allows them again after a minute", async () => {
    const attempts = await exhausted();
    vi.setSystemTime(1_059_999);
    await expect(attempts.make("alice", right)).rejects.toMatchObject({ retryAfter: 1 });
    vi.setSystemTime(1_060_000);
    expect(await attempts.make("alice", right)).toBe(true);
  });

  it("counts anew after a right password", async () => {
    const attempts = new Attempts();
    for (let count = 0; count < 12; count++) await attempts.make("alice", count % 4 === 3 ? right : wrong);
    expect(await attempts.make("alice", right)).toBe(true);
  });

  it("counts attempts that run at the same time, and allows four of them", async () => {
    const attempts = new Attempts();
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = () => finished.then(() => false);
    const running = ["alice", "alice", "alice", "bob"].map((name) => attempts.make(name, slow));
    await expect(attempts.make("carol", right)).rejects.toMatchObject({
      status: 503,
      code: "busy",
      retryAfter: 1,
    });
    finish();
    expect(await Promise.all(running)).toEqual([false, false, false, false]);
    expect(await attempts.make("carol", right)).toBe(true);
    await attempts.make("alice", wrong);
    await attempts.make("alice", wrong);
    await expect(attempts.make("alice", right)).rejects.toMatchObject({ status: 429 });
  });

  it("needs no more memory for more names, which share their limits then", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
    const attempts = new Attempts();
    let rejected = 0;
    for (let index = 0; index < 262_144; index++) {
      await attempts.make(`name ${index}`, wrong).catch(() => rejected++);
    }
    // Four names for each of 65,536 limits, of which five may fail.
    expect(rejected).toBeGreaterThan(5_000);
    expect(rejected).toBeLessThan(100_000);
  });

  it("frees the capacity of an attempt that fails otherwise", async () => {
    const attempts = new Attempts();
    const broken = () => Promise.reject(new Error("out of memory"));
    for (const name of ["a", "b", "c", "d", "e"])
      await expect(attempts.make(name, broken)).rejects.toThrow("memory");
    expect(await attempts.make("alice", right)).toBe(true);
  });
});
