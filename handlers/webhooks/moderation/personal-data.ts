/** Kinds of personal data that can be found in a text. */
export const PERSONAL_DATA = ["card", "email", "phone"] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

const DIGIT_GROUPS = /\d+(?:[ -]{1,3}\d+)*/g;
const CARD_IN_FOURS = /(?<!\d)\d{4}([._/])(?:\d{4}\1){2}\d{4}(?!\d)/g;
// Every repetition is bounded, so that no text makes them slow.
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu;
const INTERNATIONAL_PHONE = /(?<![\d+])\+\d(?:[ ()./-]{0,2}\d){6,14}(?!\d)/g;
const PHONE = /(?<![\d+])\(?\d(?:[ ().-]{0,2}\d){9,14}(?!\d)/g;
/** A date followed by a time or another date has as many digits as a phone number. */
const DATE = /(?<!\d)((?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]?\d\.[01]?\d\.(?:19|20)\d\d)(?!\d)/;

const CARD_REMOVED = "[card number removed]";
const PHONE_REMOVED = "[phone number removed]";

const REMOVERS: Record<PersonalData, (text: string) => string> = {
  card: (text) => text.replace(DIGIT_GROUPS, withoutCards).replace(CARD_IN_FOURS, withoutCard),
  email: (text) => text.replace(EMAIL, "[e-mail address removed]"),
  phone: (text) => text.replace(INTERNATIONAL_PHONE, PHONE_REMOVED).replace(PHONE, PHONE_REMOVED),
};

/**
 * Removes personal data from a text: card numbers that pass the Luhn check, e-mail addresses, and phone numbers with a
 * country code or at least ten digits. Shorter numbers, such as order numbers, stay. Digits of other scripts and widths, other
 * dashes and spaces, and invisible characters do not hide them; in a text from which something is removed, they become ASCII.
 */
export function withoutPersonalData(text: string, kinds: readonly PersonalData[]): string {
  const plain = withPlainCharacters(text);
  // In this order, since a card number also looks like a phone number.
  const ordered = PERSONAL_DATA.filter((kind) => kinds.includes(kind));
  const remove = (part: string) => ordered.reduce((rest, kind) => REMOVERS[kind](rest), part);
  const clean = plain
    .split(DATE)
    .map((part, index) => (index % 2 === 0 ? remove(part) : part))
    .join("");
  return clean === plain ? text : clean;
}

const withPlainCharacters = (text: string): string =>
  text
    .replace(/(?<=[\p{L}\p{N}@.+-])\p{DI}+/gu, "")
    .replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/(?![0-9])\p{Nd}/gu, plainDigit)
    .replace(/\p{Zs}/gu, " ")
    .replace(/\p{Pd}/gu, "-");

/** In each script, zero to nine have consecutive code points; several sets of digits follow each other. */
function plainDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}

/**
 * Removes card numbers from a sequence of digit groups. People write the expiry date and the check code after the number, and
 * amounts before it, so any consecutive groups may be the card number.
 */
function withoutCards(row: string): string {
  const parts = row.split(/([ -]+)/);
  for (let start = 0; start < parts.length; start += 2) {
    for (let end = Math.min(parts.length, start + 2 * LONGEST_CARD - 1); end > start; end -= 2) {
      const candidate = parts.slice(start, end).join("");
      if (isCardNumber(candidate)) parts.splice(start, end - start, CARD_REMOVED);
    }
  }
  return parts.join("");
}

const withoutCard = (number: string): string => (isCardNumber(number) ? CARD_REMOVED : number);

const SHORTEST_CARD = 13;
const LONGEST_CARD = 19;

/** The Luhn check of ISO/IEC 7812-1. */
export function isCardNumber(number: string): boolean {
  const text = number.replace(/[ ._/-]/g, "");
  if (text.length < SHORTEST_CARD || text.length > LONGEST_CARD) return false;
  const digits = [...text].map(Number);
  const sum = digits.reverse().reduce((total, digit, index) => {
    const weighted = index % 2 === 0 ? digit : digit * 2;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return sum % 10 === 0;
}
