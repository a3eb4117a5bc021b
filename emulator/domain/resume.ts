import { joinSoon } from "./conversation-with-participants.ts";
import { collectLater } from "./media.ts";
import { expireLater } from "./push-bindings.ts";
import type { Resources } from "./resources.ts";
import { resumeTimers } from "./states.ts";

/** Schedules the tasks of a stored account: tasks themselves are not stored. */
export function resumeTasks(resources: Resources): void {
  resumeTimers(resources);
  for (const media of resources.media.values()) if (media.message === null) collectLater(resources, media);
  for (const service of resources.services.values()) {
    for (const binding of service.pushBindings.values()) expireLater(resources, service, binding);
    for (const conversation of service.conversations.values()) {
      if (conversation.joining !== undefined) joinSoon(resources, conversation);
    }
  }
}
