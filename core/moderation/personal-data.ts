/** Kinds of personal data that can be found in a text. */
export const PERSONAL_DATA = ["card", "email", "phone"] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

const DIGIT_GROUPS = /\d+(?:[ -]\d+)*/g;
// Every repetition is bounded, so that no text can make them slow.
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu;
const PHONE = /(?<![\d+])(?:\+\d(?:[ ().-]{0,2}\d){6,14}|\(?\d(?:[ ().-]{0,2}\d){9,14})(?!\d)/g;

const REMOVERS: Record<PersonalData, (text: string) => string> = {
  card: (text) => text.replace(DIGIT_GROUPS, withoutCards),
  email: (text) => text.replace(EMAIL, "[e-mail address removed]"),
  phone: (text) => text.replace(PHONE, "[phone number removed]"),
};

/**
 * Takes personal data out of a text: card numbers that pass the Luhn check, e-mail addresses, and phone numbers with a
 * country code or at least ten digits. Shorter numbers, such as those of orders and houses, stay.
 */
export function withoutPersonalData(text: string, kinds: readonly PersonalData[]): string {
  // In this order: a card number also looks like a phone number.
  return PERSONAL_DATA.filter((kind) => kinds.includes(kind)).reduce(
    (clean, kind) => REMOVERS[kind](clean),
    text,
  );
}

/**
 * Takes card numbers out of a row of digit groups. People write the expiry and the check code behind the number, and
 * amounts before it, so any groups that stand together may be the card.
 */
function withoutCards(row: string): string {
  const parts = row.split(/([ -])/);
  for (let start = 0; start < parts.length; start += 2) {
    for (let end = Math.min(parts.length, start + 2 * LONGEST_CARD); end > start; end -= 2) {
      const candidate = parts.slice(start, end).join("");
      if (isCardNumber(candidate)) parts.splice(start, end - start, "[card number removed]");
    }
  }
  return parts.join("");
}

const SHORTEST_CARD = 13;
const LONGEST_CARD = 19;

/** The Luhn check of ISO/IEC 7812-1. */
export function isCardNumber(number: string): boolean {
  const text = number.replace(/[ -]/g, "");
  if (text.length < SHORTEST_CARD || text.length > LONGEST_CARD) return false;
  const digits = [...text].map(Number);
  const sum = digits.reverse().reduce((total, digit, index) => {
    const weighted = index % 2 === 0 ? digit : digit * 2;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return sum % 10 === 0;
}
