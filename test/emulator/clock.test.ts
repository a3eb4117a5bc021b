import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Clock } from "../../emulator/clock.ts";

const settled = async () => {};

describe("a manual clock", () => {
  it("stands still until it is advanced", async () => {
    const clock = new Clock("manual", 1000);
    expect(clock.now()).toBe(1000);
    await clock.advance(500, settled);
    expect(clock.now()).toBe(1500);
  });

  it("runs timers in order of time, each at its time, in any order of scheduling", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000)), async (moments) => {
        const clock = new Clock("manual", 0);
        const ran: number[] = [];
        for (const at of moments) {
          clock.schedule(at + 1, () => {
            expect(clock.now()).toBe(at + 1);
            ran.push(at);
          });
        }
        await clock.advance(2000, settled);
        expect(ran).toEqual(moments.toSorted((a, b) => a - b));
      }),
    );
  });

  it("keeps timers of the same moment in the order they were scheduled", async () => {
    const clock = new Clock("manual", 0);
    const ran: number[] = [];
    for (const name of [1, 2, 3, 4, 5]) clock.schedule(10, () => ran.push(name));
    await clock.advance(10, settled);
    expect(ran).toEqual([1, 2, 3, 4, 5]);
  });

  it("settles what a timer causes before the next timer runs", async () => {
    const clock = new Clock("manual", 0);
    const log: string[] = [];
    clock.schedule(1, () => log.push("first"));
    clock.schedule(2, () => log.push("second"));
    await clock.advance(5, async () => void log.push("settled"));
    expect(log).toEqual(["first", "settled", "second", "settled"]);
  });

  it("runs timers that other timers schedule", async () => {
    const clock = new Clock("manual", 0);
    const ran: number[] = [];
    clock.schedule(1, () => clock.schedule(2, () => ran.push(clock.now())));
    await clock.advance(3, settled);
    expect(ran).toEqual([2]);
  });

  it("does not run what was cancelled", async () => {
    const clock = new Clock("manual", 0);
    const cancel = clock.schedule(1, () => expect.unreachable());
    cancel();
    await clock.advance(5, settled);
  });

  it("runs due tasks without being advanced", async () => {
    const clock = new Clock("manual", 0);
    await new Promise<void>((resolve) => clock.schedule(0, resolve));
  });

  it("lets a deadline pass when the clock is advanced, and not before", async () => {
    const clock = new Clock("manual", 0);
    let passed = false;
    clock.deadline(5000, () => {
      passed = true;
    });
    await clock.advance(4999, settled);
    expect(passed).toBe(false);
    await clock.advance(1, settled);
    expect(passed).toBe(true);
  });
});

describe("a real clock", () => {
  it("can be moved ahead and runs the timers that are due", async () => {
    const clock = new Clock("real");
    const day = 24 * 60 * 60 * 1000;
    const before = clock.now();
    const ran: number[] = [];
    clock.schedule(before + day, () => ran.push(clock.now()));
    await clock.advance(2 * day, settled);
    expect(ran).toHaveLength(1);
    expect(clock.now()).toBeGreaterThanOrEqual(before + 2 * day);
    clock.clear();
  });

  it("wakes up in time for what is scheduled after it was moved", async () => {
    const clock = new Clock("real");
    clock.schedule(clock.now() + 3_600_000, () => {});
    await clock.advance(2 * 3_600_000, settled);
    await new Promise<void>((resolve) => clock.schedule(clock.now() + 1, resolve));
  });

  it("can be stopped, and then stands still", () => {
    const clock = new Clock("real");
    clock.setMode("manual");
    expect(clock.now()).toBe(clock.now());
    expect(clock.mode).toBe("manual");
  });
});
