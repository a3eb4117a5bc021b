import { joinSoon } from "./conversation-with-participants.ts";
import { collectLater } from "./media.ts";
import { expireLater } from "./push-bindings.ts";
import { resumeTimers } from "./states.ts";
import type { World } from "./world.ts";

/** Schedules the tasks of a stored world: tasks themselves are not stored. */
export function resumeTasks(world: World): void {
  resumeTimers(world);
  for (const media of world.media.values()) if (media.message === null) collectLater(world, media);
  for (const service of world.services.values()) {
    for (const binding of service.pushBindings.values()) expireLater(world, service, binding);
    for (const conversation of service.conversations.values()) {
      if (conversation.joining !== undefined) joinSoon(world, conversation);
    }
  }
}
