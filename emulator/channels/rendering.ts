import type { Channel } from "../domain/channels.ts";
import { type Rendering, renderContent } from "../domain/content-rendering.ts";
import type { Media, Message } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";

/** A message as a person sees it. */
export interface RenderedMessage extends Rendering {
  /** The files whose size and type are known: a template has only URLs. */
  readonly files: readonly Media[];
}

/**
 * Renders a message for a channel. People outside chat get the first file, and not the text, of a message with media
 * from a chat participant or the account ("Conversations Limits"; that it is the first, and on RCS and Messenger too, is
 * assumed).
 */
export function renderMessage(
  resources: Resources,
  message: Message,
  channel: Channel,
  fromChat: boolean,
): RenderedMessage {
  const content = resources.contents.get(message.contentSid ?? "");
  if (content !== undefined)
    return { ...renderContent(content, message.contentVariables, channel), files: [] };
  const files = fromChat ? message.media.slice(0, 1) : message.media;
  const body = fromChat && files.length > 0 ? "" : (message.body ?? "");
  const mediaUrls = files.map((media) => media.url ?? media.sid);
  return { type: "twilio/text", body, choices: [], links: [], location: null, mediaUrls, files };
}
