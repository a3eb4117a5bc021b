import { join } from "node:path";
import type { SQSBatchResponse } from "aws-lambda";
import { omitUndefined } from "../../../core/omit-undefined.ts";
import { root } from "../../../infra/endpoints.ts";
import type { RunOptions } from "../local.ts";
import { type NodeProcess, startNode } from "../process.ts";
import { role } from "./aws-signature.ts";
import { EventQueue } from "./event-queue.ts";

/**
 * Starts the bundles of `dist/lambda` behind a local gateway, with their queues.
 *
 * @param variables The functions' environment.
 */
export async function startLambda(
  variables: Readonly<Record<string, string>>,
  { env = {}, folder = root, onLine }: RunOptions = {},
): Promise<NodeProcess & { readonly url: string; readonly queue: EventQueue }> {
  const queue = await EventQueue.start();
  const gateway = await startNode([join(root, "tools/local/lambda/gateway.ts"), folder], {
    env: { ...role, EVENT_QUEUE_URL: queue.url, ...env, ...variables },
    isReady: (line) => line.startsWith("http://"),
    ...omitUndefined({ onLine }),
  });
  const url = gateway.readyLine;
  queue.consume(async (endpoint, event) => {
    const path = `/2015-03-31/functions/${encodeURIComponent(`${endpoint}-consumer`)}/invocations`;
    const response = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(event) });
    if (!response.ok) throw new Error(`The consumer failed: ${response.status}`);
    return (await response.json()) as SQSBatchResponse;
  });
  const stop = async () => {
    await queue.close();
    await gateway.stop();
  };
  return { ...gateway, url, queue, stop };
}
