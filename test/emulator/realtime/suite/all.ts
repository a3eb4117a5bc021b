import { connections } from "./connections.ts";
import type { Scenarios } from "./context.ts";
import { conversations } from "./conversations.ts";
import { media } from "./media.ts";
import { messages } from "./messages.ts";
import { samples } from "./samples.ts";
import { users } from "./users.ts";

/** Every scenario, by subject. */
export const suite: Readonly<Record<string, Scenarios>> = {
  connections,
  conversations,
  media,
  messages,
  samples,
  users,
};
