/** What the page shows for each channel. A test compares it with the emulator's own channels. */
interface PageChannel {
  readonly id: string;
  /** The display name. */
  readonly name: string;
  /** Before the number or ID in its addresses. */
  readonly prefix: string;
  /** The format after the prefix. */
  readonly example: string;
  /** The states that its phones can be in. */
  readonly states: readonly string[];
  /** Whether the channel has read receipts. */
  readonly reportsReads: boolean;
  readonly hasGroupTexts: boolean;
}

const states = ["on", "off", "unreachable", "unknown", "blocked"];
const data = { example: "+15558675310", states, reportsReads: true, hasGroupTexts: false };
const sms = {
  id: "sms",
  name: "SMS",
  prefix: "",
  example: data.example,
  states: [...states, "landline"],
  reportsReads: false,
  hasGroupTexts: true,
};

export const channels: readonly PageChannel[] = [
  { ...data, id: "whatsapp", name: "WhatsApp", prefix: "whatsapp:" },
  { ...data, id: "messenger", name: "Messenger", prefix: "messenger:", example: "7012345" },
  { ...data, id: "rcs", name: "RCS", prefix: "rcs:" },
  sms,
];

/** Examples of addresses on every channel. */
export const addressHelp: string = channels
  .map(({ name, prefix, example }) => `${prefix}${example} for ${name}`)
  .join(", ");

/** The channel of an address, by its prefix; SMS addresses have none. */
export function channelOf(address: string): PageChannel {
  return channels.find(({ prefix }) => address.startsWith(prefix)) ?? sms;
}

/** An address without the prefix of its channel: "+15558675310". Other texts stay as they are. */
export function numberOf(address: string): string {
  return address.slice(channelOf(address).prefix.length);
}

/** The display name of a participant's type: a channel, "Chat" or "Email". */
export function participantType(type: string): string {
  return channels.find(({ id }) => id === type)?.name ?? `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
}

/** Whether a participant is a member of a group text with a phone of their own. */
export function isGroupMember({
  type,
  address,
  proxyAddress,
}: {
  readonly type: string;
  readonly address: string | null;
  readonly proxyAddress: string | null;
}): boolean {
  const hasGroupTexts = channels.some((channel) => channel.id === type && channel.hasGroupTexts);
  return hasGroupTexts && address !== null && proxyAddress === null;
}
