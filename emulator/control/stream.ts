import type { Part } from "../changes.ts";
import type { ControlHandler } from "./call.ts";

/** Changes within this time, in milliseconds, are sent together. */
const pauseMs = 50;

/** The delay, in milliseconds, before a client reconnects after the end of a stream. A reset ends it. */
const retryMs = 200;

/**
 * Sends, as server-sent events, which parts have changed: `data: {"changed":["phones", …]}`. It ends when the state is
 * replaced; `settle` does not wait for it.
 */
export const openStream: ControlHandler = ({ runtime: { changes } }) => ({
  status: 200,
  headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store" },
  stream({ write, end }) {
    const pending = new Set<Part>();
    let planned: NodeJS.Timeout | undefined;
    const tell = () => {
      write(`data: ${JSON.stringify({ changed: [...pending].toSorted() })}\n\n`);
      planned = undefined;
      pending.clear();
    };
    write(`retry: ${retryMs}\n\n`);
    const leave = changes.watch({
      changed(part) {
        pending.add(part);
        planned ??= setTimeout(tell, pauseMs).unref();
      },
      ended: end,
    });
    return () => {
      clearTimeout(planned);
      leave();
    };
  },
});
