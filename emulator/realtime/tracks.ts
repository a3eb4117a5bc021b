/*
 * The history of documents, lists and maps of Twilio Sync. A client that reconnects names the last event that it has
 * seen of each object, and receives the later ones.
 */

/** The latest change of an item. */
export interface ItemChange {
  readonly id: number;
  /** The event that added it; 0 when it was added before the history begins. */
  readonly since: number;
  readonly removed: boolean;
}

/** The history of one object. */
export interface Track {
  /** The latest event. */
  last: number;
  /** The history does not contain the events up to this one. */
  floor: number;
  /** The latest change of each item since, oldest first; a document has none. */
  readonly changes: Map<string, ItemChange>;
}

/** The histories by the SID of the object. It begins when an SDK first opens the object. */
export type Tracks = Map<string, Track>;

/** The most items of an object whose changes are kept. */
const longest = 10_000;

/** The history of an object; starts one if there is none. */
export function trackOf(tracks: Tracks, sid: string): Track {
  const known = tracks.get(sid);
  if (known !== undefined) return known;
  // From the system time in microseconds: an object can have the SID of one before a reset or restore, and SDKs ignore
  // events with lower numbers than they have seen.
  const now = Date.now() * 1000;
  const track = { last: now, floor: now, changes: new Map() };
  tracks.set(sid, track);
  return track;
}

/** The change of an item. */
export type Kind = "added" | "updated" | "removed";

/** Records a change of an item. Returns the number of the event. */
export function noteItem(track: Track, key: string, kind: Kind): number {
  const id = noteEvent(track);
  const { changes } = track;
  const before = changes.get(key);
  changes.delete(key);
  const since = kind === "added" ? id : (before?.since ?? 0);
  changes.set(key, Object.freeze({ id, since, removed: kind === "removed" }));
  if (changes.size > longest) forgetOldest(track);
  return id;
}

/** Records a change of a document. Returns the number of the event. */
export function noteEvent(track: Track): number {
  track.last += 1;
  return track.last;
}

/** The event that an item's present content comes from. */
export function eventOf({ changes, floor }: Track, key: string): number {
  return changes.get(key)?.id ?? floor;
}

/** A change that a client has missed. */
export interface Missed {
  readonly id: number;
  readonly key: string;
  readonly kind: Kind;
}

/** The changes after an event, oldest first; several changes of an item are combined into one. */
export function missedSince({ changes }: Track, seen: number): readonly Missed[] {
  const missed: Missed[] = [];
  for (const [key, { id, since, removed }] of changes) {
    if (id <= seen) continue;
    // An item that was added and then changed counts as added.
    const isNew = since > seen && !removed;
    if (removed) missed.push({ id, key, kind: "removed" });
    else missed.push(isNew ? { id: since, key, kind: "added" } : { id, key, kind: "updated" });
  }
  return missed.toSorted((a, b) => a.id - b.id);
}

function forgetOldest(track: Track): void {
  for (const [key, { id }] of track.changes) {
    track.changes.delete(key);
    track.floor = id;
    return;
  }
}
