import type { Context } from "../context.ts";

/** Where a service's own resources are, and what to call it. No path while it has still to be made. */
export async function servicePath(
  context: Context,
  service: string,
): Promise<{ path: string | undefined; of: string }> {
  const { sid, name } = await context.chatService(service);
  return { path: sid === undefined ? undefined : `/v1/Services/${sid}`, of: `of the service ${name}` };
}
