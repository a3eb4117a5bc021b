import type { Media } from "../domain/model.ts";
import { type DeliveryError, deliveryErrors } from "./delivery-errors.ts";

/** A channel's limits on files. */
export interface FileLimits {
  readonly count: number;
  /** Bytes. */
  readonly largest: number;
  /** Bytes, of all files together. */
  readonly total: number;
  readonly types: RegExp;
  readonly tooMany: DeliveryError;
  readonly tooLarge: DeliveryError;
}

export const megabyte = 1024 * 1024;

/** JPG, PNG, MP3, AMR, MP4 and PDF. */
export const commonTypes = /^(image\/(jpe?g|png)|audio\/(mpeg|mp3|amr)|video\/mp4|application\/pdf)$/;

/** WhatsApp's limits. For RCS and Messenger they are assumed, except for the 16 MB of RCS. */
export const singleFile: FileLimits = {
  count: 1,
  largest: 16 * megabyte,
  total: 16 * megabyte,
  types: commonTypes,
  tooMany: deliveryErrors.secondFile,
  tooLarge: deliveryErrors.channelSizeExceeded,
};

/**
 * Characters of a body on any channel: the page states it for SMS and WhatsApp, the error dictionary (21617) for all.
 */
const longestBody = 1600;

/** The parts of a message that channels limit. */
interface LimitedParts {
  readonly body: string;
  readonly fileCount: number;
  /** The files whose size and type are known: a template has only their URLs. */
  readonly files: readonly Media[];
}

/**
 * The error of a message that exceeds a channel's limits; undefined when it does not ("Conversations Limits",
 * "Accepted Content Types for Media"). A file of unknown size or type passes.
 */
export function checkLimits(
  limits: FileLimits,
  { body, fileCount, files }: LimitedParts,
): DeliveryError | undefined {
  if (body.length > longestBody) return deliveryErrors.bodyTooLong;
  if (fileCount > limits.count) return limits.tooMany;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > limits.total || files.some(({ size }) => size > limits.largest)) return limits.tooLarge;
  const areAccepted = files.every((file) => isUnknown(file) || limits.types.test(typeOf(file)));
  return areAccepted ? undefined : deliveryErrors.fileTypeUnsupported;
}

/** The most that a phone can send at once on any channel, in bytes. */
export const largestFromPhone = singleFile.total;

/** The reason why a phone cannot send files of these sizes; undefined when it can ("Conversations Limits"). */
export function excessOf(
  { count, largest, total }: FileLimits,
  sizes: readonly number[],
): string | undefined {
  if (sizes.length > count)
    return `has ${sizes.length} files; a message on this channel has at most ${count}`;
  const size = Math.max(0, ...sizes);
  if (size > largest) return `has a file of ${size} bytes; a file on this channel has at most ${largest}`;
  const sum = sizes.reduce((all, one) => all + one, 0);
  return sum > total ? `has ${sum} bytes; a message on this channel has at most ${total}` : undefined;
}

/** A file on another server whose type cannot be derived from its URL. */
function isUnknown({ bytes, contentType }: Media): boolean {
  return bytes === null && contentType === "application/octet-stream";
}

function typeOf({ contentType }: Media): string {
  return contentType.split(";")[0]?.trim().toLowerCase() ?? "";
}
