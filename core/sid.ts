/** A SID of one kind, recognized by its prefix, such as `Sid<"CH">` of a conversation (https://www.twilio.com/docs/glossary/what-is-a-sid). */
export type Sid<Prefix extends string> = `${Prefix}${string}`;

/** A SID that Twilio answered with, typed by its kind. @throws for one of another kind. */
export function sidOf<Prefix extends string>(prefix: Prefix, sid: string): Sid<Prefix> {
  if (hasPrefix(prefix, sid)) return sid;
  throw new Error(`Twilio answered with a SID that does not begin with ${prefix}.`);
}

const hasPrefix = <Prefix extends string>(prefix: Prefix, sid: string): sid is Sid<Prefix> =>
  sid.startsWith(prefix);
