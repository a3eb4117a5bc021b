import type { Part } from "./api.ts";

const everything: readonly Part[] = [
  "account",
  "clock",
  "conversations",
  "phones",
  "sessions",
  "studio",
  "webhooks",
];

/** The delay before a new connection, in milliseconds, when the browser does not reconnect by itself. */
const retryMs = 1000;

/** Callbacks for changes in the emulator. */
export interface Listener {
  changed(parts: readonly Part[]): void;
  connected(isConnected: boolean): void;
}

/** Reports every change from now on. After a lost connection everything may have changed. */
export function listen(listener: Listener): void {
  const source = new EventSource("/_emulator/stream");
  source.addEventListener("open", () => {
    listener.connected(true);
    listener.changed(everything);
  });
  source.addEventListener("message", ({ data }) => listener.changed(JSON.parse(data).changed));
  source.addEventListener("error", () => {
    listener.connected(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(listener), retryMs);
  });
}
