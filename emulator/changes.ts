import type { TimelineEntry } from "./timeline.ts";

/** What can change: the parts of the emulator that somebody may be looking at. */
export type Part = "account" | "clock" | "conversations" | "phones" | "sessions" | "studio" | "webhooks";

/** Who wants to know of changes: told at once, each time, and once when there will be no more. */
export interface Watcher {
  changed(part: Part): void;
  ended(): void;
}

/** Notifies observers of what has changed, and of the end of the run. */
export class Changes {
  readonly #watchers = new Set<Watcher>();
  #isClosed = false;

  /** Tells `watcher` from now on; call the result to leave. After the end it is told of the end at once. */
  watch(watcher: Watcher): () => void {
    if (this.#isClosed) watcher.ended();
    else this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  note(part: Part): void {
    for (const watcher of this.#watchers) watcher.changed(part);
  }

  /** Notes what an entry of the timeline tells of: nearly everything that changes leaves one. */
  noteEntry({ kind, type, method }: TimelineEntry): void {
    if (kind === "request" && method !== "GET") this.note("account");
    if (kind === "event") this.note("conversations");
    if (kind === "webhook") this.note("webhooks");
    if (kind === "studio") this.note("studio");
    if (kind === "connection" || kind === "push") this.note("sessions");
    if (kind === "sdk" && method !== "GET") this.note("account");
    if (kind === "delivery" || kind === "inbound" || type === "onDeliveryUpdated") this.note("phones");
  }

  close(): void {
    this.#isClosed = true;
    for (const watcher of [...this.#watchers]) watcher.ended();
    this.#watchers.clear();
  }
}
