import { parseAttributes } from "../../../core/twilio/attributes.ts";

/** Where attributes of a conversation and of its messages tell of an introduction. */
export const OPT_IN_KEY = "whatsappOptIn";

/** The messages of an introduction, by what each is for. */
export type Purpose = "invite" | "wait" | "connect" | "declined" | "unclear";

/** Message attributes by which a message is found again when the answer to its create was lost. */
export const markerOf = (purpose: Purpose): string => JSON.stringify({ [OPT_IN_KEY]: purpose });

/** Whether a message's attributes carry that marker. */
export const isMarked = (attributes: string, purpose: Purpose): boolean =>
  parseAttributes(attributes)[OPT_IN_KEY] === purpose;

/** Whether a message was sent for an introduction, whoever stands as its author. */
export const isOfOptIn = (attributes: string): boolean => OPT_IN_KEY in parseAttributes(attributes);
