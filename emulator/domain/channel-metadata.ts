import type { Message } from "./model.ts";

/**
 * The metadata of a message from a channel: the button or list item that was tapped, under the parameter names of the
 * number's messaging webhook (assumed: SDKs read `type` and `data`, whose content is not published).
 */
export function channelMetadata({
  choice,
  source,
  author,
}: Message): { type: string; data: object } | undefined {
  if (choice === null) return undefined;
  const { kind, title, id } = choice;
  const tapped =
    kind === "button"
      ? { ButtonText: title, ButtonPayload: id ?? title }
      : { ListTitle: title, ListId: id ?? title };
  const number = author.replace(/^whatsapp:\+/, "");
  const sender = source === "WHATSAPP" ? { ProfileName: number, WaId: number } : {};
  return { type: source.toLowerCase(), data: { context: { ...sender, ...tapped } } };
}
