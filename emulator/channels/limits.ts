import type { Channel, Media } from "../domain/model.ts";
import { type Refusal, refusals } from "./refusals.ts";

/** What a message is made of when a channel gets it. */
export interface Parcel {
  readonly body: string;
  /** How many files it carries. */
  readonly fileCount: number;
  /** Those of them of which something is known: a template names only where its files are. */
  readonly files: readonly Media[];
  /** From a chat participant or the account; else from a person outside chat. */
  readonly fromChat: boolean;
}

/**
 * Why a message does not fit into a channel; undefined when it does ("Conversations Limits", "Accepted Content Types
 * for Media"). What is not known of a file is not held against it.
 */
export function misfit(channel: Channel, parcel: Parcel): Refusal | undefined {
  const { body, fileCount, files, fromChat } = parcel;
  if (body.length > longestBody) return refusals.bodyTooLong;
  const limit = limitOf(channel, fromChat);
  if (fileCount > limit.count) return limit.tooMany;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > limit.total || files.some(({ size }) => size > limit.largest)) return limit.tooLarge;
  const isTaken = files.every((file) => isUnknown(file) || limit.types.test(typeOf(file)));
  return isTaken ? undefined : refusals.fileTypeUnsupported;
}

/**
 * Every channel that Twilio's messaging carries takes this many characters: the page says so of SMS and WhatsApp, the
 * error dictionary (21617) of all.
 */
const longestBody = 1600;

interface Limit {
  readonly count: number;
  /** Bytes. */
  readonly largest: number;
  /** Bytes, of all files together. */
  readonly total: number;
  readonly types: RegExp;
  readonly tooMany: Refusal;
  readonly tooLarge: Refusal;
}

const megabyte = 1024 * 1024;

/** JPG, PNG, MP3, AMR, MP4 and PDF. */
const commonTypes = /^(image\/(jpe?g|png)|audio\/(mpeg|mp3|amr)|video\/mp4|application\/pdf)$/;
const mmsTypes =
  /^(image\/(jpe?g|png|gif|bmp|tiff|hei[cf])|(audio|video)\/.+|text\/((x-)?vcard|csv|rtf|richtext|calendar|directory)|application\/(pdf|vcard))$/;

const fromPerson: Limit = {
  count: 10,
  largest: 2 * megabyte,
  total: 5 * megabyte,
  types: mmsTypes,
  tooMany: refusals.tooManyFiles,
  tooLarge: refusals.carrierSizeExceeded,
};
const fromAgent: Limit = { ...fromPerson, largest: 5 * megabyte, types: commonTypes };

/** WhatsApp's; that RCS and Messenger take no more is assumed, but for the 16 MB of RCS. */
const singleFile: Limit = {
  count: 1,
  largest: 16 * megabyte,
  total: 16 * megabyte,
  types: commonTypes,
  tooMany: refusals.secondFile,
  tooLarge: refusals.channelSizeExceeded,
};

function limitOf(channel: Channel, fromChat: boolean): Limit {
  if (channel !== "sms") return singleFile;
  return fromChat ? fromAgent : fromPerson;
}

/** A file elsewhere whose name says nothing of what it is. */
function isUnknown({ bytes, contentType }: Media): boolean {
  return bytes === null && contentType === "application/octet-stream";
}

function typeOf({ contentType }: Media): string {
  return contentType.split(";")[0]?.trim().toLowerCase() ?? "";
}
