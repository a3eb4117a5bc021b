import { displayed, ENCLOSED_DIGITS } from "./displayed.ts";
import { isForeign } from "./letters.ts";

/** Kinds of personal data that can be found in a text. */
export const PERSONAL_DATA = ["card", "email", "phone"] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

const DIGIT_GROUPS = /\d+(?:[\s,.;:/|_*\u00b7\u2022-]+\d+)*/g;
/** The separators that people write within one number. */
const USUAL_SEPARATOR = /^[ -]{1,3}$/;
// Every repetition is bounded, so that no text makes them slow.
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu;
const INTERNATIONAL_PHONE = /(?<![\d+])\+\d(?:[ ()./-]{0,2}\d){6,14}(?!\d)/g;
const PHONE = /(?<![\d+])\(?\d(?:[ ().-]{0,2}\d){9,14}(?!\d)/g;
/** A date followed by a time or another date has as many digits as a phone number. */
const DATE = /(?<!\d)((?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]?\d\.[01]?\d\.(?:19|20)\d\d)(?!\d)/;

const CARD_REMOVED = "[card number removed]";
const PHONE_REMOVED = "[phone number removed]";

const REMOVERS: Record<PersonalData, (text: string, checkTime: () => void) => string> = {
  card: (text, checkTime) => text.replace(DIGIT_GROUPS, (row) => withoutCards(row, checkTime)),
  email: (text) => text.replace(EMAIL, "[e-mail address removed]"),
  phone: (text) => text.replace(INTERNATIONAL_PHONE, PHONE_REMOVED).replace(PHONE, PHONE_REMOVED),
};

/**
 * Removes personal data from a text: card numbers that pass the Luhn check, e-mail addresses, and phone numbers with a
 * country code or at least ten digits. Shorter numbers, such as order numbers, stay. Digits of other scripts and widths, in
 * circles and keycaps, other dashes and spaces, and invisible characters do not hide them, nor do line breaks, commas and other
 * separators hide the number of a payment card. In a text from which something is removed, they become ASCII. The time is linear
 * in the length of the text.
 *
 * @param checkTime Called repeatedly; what it throws ends the search.
 */
export function withoutPersonalData(
  text: string,
  kinds: readonly PersonalData[],
  checkTime: () => void = () => {},
): string {
  const plain = isForeign(text) ? withPlainCharacters(text) : text;
  // In this order, since a card number also looks like a phone number.
  const ordered = PERSONAL_DATA.filter((kind) => kinds.includes(kind));
  const remove = (part: string) => ordered.reduce((rest, kind) => REMOVERS[kind](rest, checkTime), part);
  const clean = plain
    .split(DATE)
    .map((part, index) => (index % 2 === 0 ? remove(part) : part))
    .join("");
  return clean === plain ? text : clean;
}

const withPlainCharacters = (text: string): string =>
  displayed(text, ENCLOSED_DIGITS)
    .text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/(?<=[\p{L}\p{N}@.+-])[\p{DI}\p{Me}]+/gu, "")
    .replace(/\p{No}/gu, plainNumber)
    .replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/(?![0-9])\p{Nd}/gu, plainDigit)
    .replace(/\p{Zs}/gu, " ")
    .replace(/\p{Pd}/gu, "-");

/** Digits in circles, above and below the line; fractions and others stay. */
function plainNumber(character: string): string {
  const [number] = /^\d{1,2}$/.exec(character.normalize("NFKD").replace(/[(),.]/g, "")) ?? [];
  return number ?? character;
}

/** In each script, zero to nine have consecutive code points; several sets of digits follow each other. */
function plainDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}

/** Digits, and what separates them from those before. */
interface Group {
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  readonly separator: string;
}

/**
 * Removes card numbers from a sequence of digit groups. People write the expiry date and the check code after the number, and
 * amounts before it, so any consecutive groups may be the card number.
 */
function withoutCards(row: string, checkTime: () => void): string {
  const groups = groupsOf(row);
  let clean = "";
  let copied = 0;
  for (let first = 0; first < groups.length; first++) {
    const last = lastOfCard(groups, first, checkTime);
    if (last === undefined) continue;
    clean += row.slice(copied, groups[first]?.start) + CARD_REMOVED;
    copied = groups[last]?.end ?? copied;
    first = last;
  }
  return clean + row.slice(copied);
}

function groupsOf(row: string): Group[] {
  let before = 0;
  return [...row.matchAll(/\d+/g)].map(({ 0: digits, index: start }) => {
    const separator = row.slice(before, start);
    before = start + digits.length;
    return { digits, start, end: before, separator };
  });
}

/** The last group of the longest card number that begins with a group. At most 19 groups are read. */
function lastOfCard(groups: readonly Group[], first: number, checkTime: () => void): number | undefined {
  let number = "";
  let lengths = "";
  let isUsual = true;
  const marks = new Set<string>();
  let found: number | undefined;
  for (let last = first; last < groups.length; last++) {
    const { digits = "", separator = "" } = groups[last] ?? {};
    if (number.length + digits.length > LONGEST_CARD) break;
    checkTime();
    number += digits;
    lengths += digits.length;
    if (last > first) {
      isUsual &&= USUAL_SEPARATOR.test(separator);
      for (const mark of separator.replace(/\s/g, "")) marks.add(mark);
    }
    const isPaymentCard = PAYMENT_CARD.test(number) && (marks.size < 2 || CARD_GROUPS.test(lengths));
    if (isCardNumber(number) && (isUsual || isPaymentCard)) found = last;
  }
  return found;
}

const SHORTEST_CARD = 13;
const LONGEST_CARD = 19;

/**
 * The beginnings and lengths of the numbers of payment networks. Of other lists of numbers, such as amounts and times, one in ten
 * passes the Luhn check by chance.
 */
const PAYMENT_CARD = /^(?:4\d{12}|3[0689]\d{12}|3[47]\d{13}|2[2-7]\d{14}|[3-6]\d{15,18})$/;
/** The groups that are printed on cards, or single digits. Amounts and times, too, are lists with several separators. */
const CARD_GROUPS = /^(?:(?:4|1{4}){3,4}[1-4]?|46[45]|1+)$/;

/** The Luhn check of ISO/IEC 7812-1. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < SHORTEST_CARD || digits.length > LONGEST_CARD) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const weighted = index % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return sum % 10 === 0;
}
