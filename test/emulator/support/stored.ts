import { expect } from "vitest";
import type { Emulator } from "../../../emulator/emulator.ts";
import type { Snapshot } from "../../../emulator/store/snapshot.ts";
import { takeSnapshot } from "../../../emulator/store/snapshot.ts";
import { Store } from "../../../emulator/store/store.ts";

/**
 * Closes an emulator with a data directory, and compares the stored state with that of its snapshot: so each part of the state
 * that a test changes is checked.
 */
export async function closeStored(emulator: Emulator, directory: string): Promise<void> {
  await emulator.settle();
  const response = await fetch(`${emulator.controlUrl}/snapshot`);
  const { state, position } = (await response.json()) as Snapshot;
  await emulator.close();
  const store = await Store.open(directory);
  const { saved } = store;
  await store.close();
  if (saved === undefined) throw new Error(`${directory} is empty`);
  const chunks = takeSnapshot({ root: saved.root, position: () => saved.position });
  const kept = JSON.parse([...chunks].join("")) as Snapshot;
  // Compared as text first: a difference in a large state is costly to describe.
  if (JSON.stringify(kept.state) !== JSON.stringify(state)) expect(kept.state).toEqual(state);
  expect(kept.position).toEqual(position);
}
