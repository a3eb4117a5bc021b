import { isoMillis } from "../dates.ts";
import type { Service } from "../domain/account-model.ts";
import { sourceOf } from "../domain/address.ts";
import { ApiError } from "../domain/errors.ts";
import { storeMedia } from "../domain/media.ts";
import { addMessage, emptyMessage } from "../domain/messages.ts";
import type { Channel, Media, Message } from "../domain/model.ts";
import { holderOf } from "../domain/pairs.ts";
import type { World } from "../domain/world.ts";
import type { Network } from "./network.ts";
import { heedKeyword } from "./opt-outs.ts";

/** A message that a person sends from a phone to a number of the account, both on the same channel. */
export interface InboundMessage {
  readonly channel: Channel;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly mediaUrls: readonly string[];
}

/** Where it went. `reason` says why it went nowhere. */
export type Routing =
  | { readonly routed: true; readonly conversationSid: string; readonly messageSid: string }
  | { readonly routed: false; readonly reason: string };

/**
 * Takes in a message from a phone: the number pair leads to its conversation ("Inbound Message Handling &
 * Autocreation"). Without one it is recorded as unrouted; autocreation would begin here.
 */
export async function receive(world: World, inbound: InboundMessage, network: Network): Promise<Routing> {
  const { clock, phones, windows, timeline } = network;
  const { channel, from, to, body, mediaUrls } = inbound;
  const now = clock.now();
  if (channel === "whatsapp") windows.open(from, to, now);
  const routing = await route(world, inbound);
  const places = routing.routed
    ? { conversationSid: routing.conversationSid, messageSid: routing.messageSid }
    : { conversationSid: null, messageSid: null };
  const sid = world.ids.sid(channel === "whatsapp" ? "WA" : "SM");
  const shown = { sid, from, to, body, media: mediaUrls };
  phones.add(from, now, { ...shown, direction: "out", buttons: [], status: "sent", ...places });
  timeline.add({ at: isoMillis(now), kind: "inbound", ...shown, ...routing });
  heedKeyword(world, inbound, network);
  return routing;
}

async function route(world: World, { channel, from, to, body, mediaUrls }: InboundMessage): Promise<Routing> {
  const participant = holderOf(world, from, to);
  if (participant === undefined) return { routed: false, reason: "no conversation has this number pair" };
  const { conversation } = participant;
  const input = {
    ...emptyMessage,
    author: from,
    body: body || undefined,
    media: mediaUrls.map((url) => storePhoneMedia(world, conversation.service, url, from)),
  };
  try {
    const message: Message = await addMessage(world, conversation, input, {
      source: sourceOf[channel],
      webhooks: true,
    });
    return { routed: true, conversationSid: conversation.sid, messageSid: message.sid };
  } catch (error) {
    // A carrier has nobody to tell: what the conversation refuses is dropped.
    if (error instanceof ApiError) return { routed: false, reason: `${error.code}: ${error.message}` };
    throw error;
  }
}

/**
 * What a phone attached. A `data:` URL brings its bytes; of what lies elsewhere only the place is known, and no
 * size.
 */
function storePhoneMedia(world: World, service: Service, url: string, author: string): Media {
  const data = /^data:([^,;]*)(?:;[^,]*?)??(;base64)?,(.*)$/is.exec(url);
  if (data !== null) {
    const [, type = "", base64, text = ""] = data;
    const bytes = base64 === undefined ? Buffer.from(decodeText(text)) : Buffer.from(text, "base64");
    const contentType = type || "text/plain";
    return storeMedia(world, service, {
      contentType,
      filename: null,
      category: undefined,
      bytes,
      url: null,
      author,
    });
  }
  const filename = new URL(url).pathname.split("/").at(-1) || null;
  const extension = filename?.split(".").at(-1)?.toLowerCase() ?? "";
  const contentType = contentTypes.get(extension) ?? "application/octet-stream";
  return storeMedia(world, service, { contentType, filename, category: undefined, bytes: null, url, author });
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The types that channels deliver ("Conversations Limits"), by file extension. */
const contentTypes: ReadonlyMap<string, string> = new Map([
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["png", "image/png"],
  ["gif", "image/gif"],
  ["mp3", "audio/mpeg"],
  ["amr", "audio/amr"],
  ["mp4", "video/mp4"],
  ["pdf", "application/pdf"],
]);
