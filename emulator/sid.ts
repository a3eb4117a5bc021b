/** A SID of one kind, recognized by its prefix, such as `Sid<"CH">` of a conversation (https://www.twilio.com/docs/glossary/what-is-a-sid). */
export type Sid<Prefix extends string> = `${Prefix}${string}`;

const shape = /^[A-Z]{2}[0-9a-fA-F]{32}$/;

/** Whether a text that a caller gave is a SID of a kind: the prefix and 32 hexadecimal digits. */
export const isSid = <Prefix extends string>(prefix: Prefix, text: string | undefined): text is Sid<Prefix> =>
  text !== undefined && shape.test(text) && text.startsWith(prefix);
