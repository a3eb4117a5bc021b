import type { Part } from "../changes.ts";
import type { ControlHandler } from "./call.ts";

/** Changes within this time, in milliseconds, are told together: nobody looks faster. */
const pauseMs = 50;

/** A client comes back this soon, in milliseconds, after a stream has ended: after a reset there is a new one. */
const retryMs = 200;

/**
 * Says, as server-sent events, which parts have changed: `data: {"changed":["phones", …]}`. It ends with the life of
 * the state, and nothing waits for it.
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
