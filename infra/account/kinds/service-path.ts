import type { Context } from "../context.ts";

/** The path of a service's own resources, and its name. No path while it does not exist yet. */
export async function servicePath(
  context: Context,
  service: string,
): Promise<{ path: string | undefined; of: string }> {
  const { sid, name } = await context.chatService(service);
  return { path: sid === undefined ? undefined : `/v1/Services/${sid}`, of: `of the service ${name}` };
}
