/*
 * The history of what SDKs keep in step with: documents, lists and maps of Twilio Sync. A client that comes back
 * names the last event that it has seen of each object and gets what came after.
 */

/** The latest change of an item. */
export interface ItemChange {
  readonly id: number;
  /** The event that added it, 0 when it was there before the history begins. */
  readonly since: number;
  readonly removed: boolean;
}

/** The history of one object. */
export interface Track {
  /** The latest event. */
  last: number;
  /** Nothing is known of events up to this one but that they have happened. */
  floor: number;
  /** The latest change of each item since, oldest first; a document has none. */
  readonly changes: Map<string, ItemChange>;
}

/** The histories by SID of the object. An object has one from when an SDK first opens it. */
export type Tracks = Map<string, Track>;

/** Items whose changes are remembered, for each object. */
const longest = 10_000;

/** The history of an object, begun if there is none. */
export function trackOf(tracks: Tracks, sid: string): Track {
  const known = tracks.get(sid);
  if (known !== undefined) return known;
  // By the machine's time in microseconds, so that events of an object that had the same SID before a reset, or before
  // an earlier state was restored, are never later: SDKs ignore what seems to be old.
  const now = Date.now() * 1000;
  const track = { last: now, floor: now, changes: new Map() };
  tracks.set(sid, track);
  return track;
}

/** How an item changes. */
export type Kind = "added" | "updated" | "removed";

/** Notes a change of an item. Returns the event. */
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

/** Notes a change of a document. Returns the event. */
export function noteEvent(track: Track): number {
  track.last += 1;
  return track.last;
}

/** The event of an item's present content. */
export function eventOf({ changes, floor }: Track, key: string): number {
  return changes.get(key)?.id ?? floor;
}

/** A change that a client has missed. */
export interface Missed {
  readonly id: number;
  readonly key: string;
  readonly kind: Kind;
}

/** What has changed after an event, oldest first. Of several changes of an item it is the sum. */
export function missedSince({ changes }: Track, seen: number): readonly Missed[] {
  const missed: Missed[] = [];
  for (const [key, { id, since, removed }] of changes) {
    if (id <= seen) continue;
    // What was added and has changed since then comes where it was added.
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
