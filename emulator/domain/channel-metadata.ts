import type { Message } from "./model.ts";

/**
 * What the channel says of a message beside its text: which button or item of a list was tapped, under the names of the
 * number's own webhook (assumed: SDKs read `type` and `data`, and nobody has published what is in them).
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
