/** Kinds of personal data that can be found in a text. */
export const PERSONAL_DATA = ["card", "email", "phone"] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

// Every repetition is bounded, so that no text can make them slow.
const CARD = /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g;
const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu;
const PHONE = /(?<![\d+])(?:\+\d(?:[ ().-]{0,2}\d){6,14}|\(?\d(?:[ ().-]{0,2}\d){9,14})(?!\d)/g;

const REMOVERS: Record<PersonalData, (text: string) => string> = {
  card: (text) => text.replace(CARD, (number) => (isCardNumber(number) ? "[card number removed]" : number)),
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

/** The Luhn check of ISO/IEC 7812-1. */
export function isCardNumber(number: string): boolean {
  const digits = [...number].filter((character) => /\d/.test(character)).map(Number);
  const sum = digits.reverse().reduce((total, digit, index) => {
    const weighted = index % 2 === 0 ? digit : digit * 2;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return digits.length >= 13 && digits.length <= 19 && sum % 10 === 0;
}
