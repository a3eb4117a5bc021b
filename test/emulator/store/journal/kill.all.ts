import { expect, it } from "vitest";
import { killUnderLoad } from "../../support/kill.ts";

const rounds = Number(process.env.KILL_ROUNDS ?? 2);

it.each(Array.from({ length: rounds }, (_, round) => round + 1))(
  "a process that is killed at other moments keeps every acknowledged write (round %i)",
  async (round) => {
    expect(await killUnderLoad(round)).toBeGreaterThan(100);
  },
);
