import { type Rendering, renderContent } from "../domain/content-rendering.ts";
import type { Channel, Media, Message } from "../domain/model.ts";
import type { World } from "../domain/world.ts";

/** What a person sees of a message, and the files in it of which something is known. */
export interface Shown extends Rendering {
  readonly files: readonly Media[];
}

/**
 * A message as a channel shows it. Of what a chat participant or the account sends with media, people outside get the
 * first file and not the text ("Conversations Limits"; that it is the first, and on RCS and Messenger too, is assumed).
 */
export function showMessage(world: World, message: Message, channel: Channel, fromChat: boolean): Shown {
  const content = world.contents.get(message.contentSid ?? "");
  if (content !== undefined)
    return { ...renderContent(content, message.contentVariables, channel), files: [] };
  const files = fromChat ? message.media.slice(0, 1) : message.media;
  const body = fromChat && files.length > 0 ? "" : (message.body ?? "");
  const mediaUrls = files.map((media) => media.url ?? media.sid);
  return { type: "twilio/text", body, buttons: [], links: [], location: null, mediaUrls, files };
}
