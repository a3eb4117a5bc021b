import { expect } from "vitest";
import type { Emulator } from "../../../emulator/emulator.ts";
import type { Snapshot } from "../../../emulator/store/snapshot.ts";
import { takeSnapshot } from "../../../emulator/store/snapshot.ts";
import { Store } from "../../../emulator/store/store.ts";

/**
 * Closes an emulator that keeps its state in `directory`, and checks that the directory holds all of it: every part
 * of the state that a test touches is covered, also those that are younger than the store.
 */
export async function closeKept(emulator: Emulator, directory: string): Promise<void> {
  await emulator.settle();
  const response = await fetch(`${emulator.controlUrl}/snapshot`);
  const { state, position } = (await response.json()) as Snapshot;
  await emulator.close();
  const store = await Store.open(directory);
  const { saved } = store;
  await store.close();
  if (saved === undefined) throw new Error(`${directory} holds nothing`);
  const kept = takeSnapshot({ root: saved.root, position: () => saved.position });
  // Compared as text first: a difference in a large state is costly to describe.
  if (JSON.stringify(kept.state) !== JSON.stringify(state)) expect(kept.state).toEqual(state);
  expect(kept.position).toEqual(position);
}
