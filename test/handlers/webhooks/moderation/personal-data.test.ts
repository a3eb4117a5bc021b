import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isCardNumber,
  PERSONAL_DATA,
  withoutPersonalData,
} from "../../../../handlers/webhooks/moderation/personal-data.ts";

const clean = (text: string) => withoutPersonalData(text, PERSONAL_DATA);

describe("withoutPersonalData", () => {
  it.each([
    ["my card is 4242 4242 4242 4242, ok?", "my card is [card number removed], ok?"],
    ["4242-4242-4242-4242", "[card number removed]"],
    ["4242 4242 4242 4242 12/27", "[card number removed] 12/27"],
    ["4242 4242 4242 4242 123", "[card number removed] 123"],
    ["pay 5 4242 4242 4242 4242", "pay 5 [card number removed]"],
    ["4242424242424242 12/27 123", "[card number removed] 12/27 123"],
    ["write to robert.o'neill+x@mail.example.co.uk!", "write to robert.o'[e-mail address removed]!"],
    ["call me: +49 (0)30 1234-5678", "call me: [phone number removed]"],
    ["or (555) 867-5310 ext", "or [phone number removed] ext"],
    ["4242\u00a04242\u20094242\u202f4242", "[card number removed]"],
    ["4242  4242  4242  4242", "[card number removed]"],
    ["4242\u20134242\u20134242\u20134242", "[card number removed]"],
    ["4242.4242.4242.4242", "[card number removed]"],
    ["4242424242\u200b424242", "[card number removed]"],
    ["４２４２４２４２４２４２４２４２", "[card number removed]"],
    ["٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ok", "[card number removed] ok"],
    ["robert＠example.com", "[e-mail address removed]"],
    ["robert\u200d@exam\u00adple.com", "[e-mail address removed]"],
    ["+1\u00a0555\u00a0867\u00a05310, +49/30/12345678", "[phone number removed], [phone number removed]"],
    ["on 2026-11-22 14:00 call 555-867-5310", "on 2026-11-22 14:00 call [phone number removed]"],
    ["+15558675310 and 555-867-5310", "[phone number removed] and [phone number removed]"],
  ])("removes personal data from %j", (text, expected) => expect(clean(text)).toBe(expected));

  it.each([
    "order 12345678",
    "see you at 18:30 on 2026-11-22",
    "see you on 2026-11-22 18:30 or 22.11.2026 18:30",
    "from 2026-11-22 2026-11-25 or 1.2.2026 10.11.2026",
    "٣ هدايا, 👨\u200d👩\u200d👧",
    "flat 4, 3rd floor",
    "4 + 4 = 8",
    "@alice said hi",
    "a@b",
  ])("keeps %j unchanged", (text) => expect(clean(text)).toBe(text));

  it("removes only the requested kinds", () => {
    expect(withoutPersonalData("a@example.com +15558675310", ["email"])).toBe(
      "[e-mail address removed] +15558675310",
    );
  });

  it("keeps the whitespace around a card number in a long sequence of digits", () => {
    expect(withoutPersonalData("4242 ".repeat(30), ["card"])).not.toMatch(/\]\S/);
  });

  it("keeps a long number that is not a card number", () => {
    expect(withoutPersonalData("4242 4242 4242 4241", ["card"])).toBe("4242 4242 4242 4241");
  });

  it("reads the digits of every script", () => {
    const digits = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => (code < 0xd800 || code > 0xdfff) && /\p{Nd}/u.test(String.fromCodePoint(code)))
      .map((code) => String.fromCodePoint(code));
    expect(digits.length % 10).toBe(0);
    for (let zero = 0; zero < digits.length; zero += 10) {
      const number = "4242424242424242".replace(/\d/g, (digit) => digits[zero + Number(digit)] ?? "");
      expect(clean(number)).toBe("[card number removed]");
    }
  });

  it.each(["1 ", "1-", "4242 ", "(1", "a@b.", "+1 ", "𝟜", "\u200b1", "a."])(
    "handles a long text of %j",
    (unit) => {
      expect(clean(unit.repeat(32_768 / unit.length))).toEqual(expect.any(String));
    },
  );

  it("finds every card number with a valid check digit", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9]\d{11,17}$/), (digits) => {
        const check = [..."0123456789"].find((digit) => isCardNumber(digits + digit));
        expect(withoutPersonalData(`card ${digits}${check}.`, ["card"])).toBe("card [card number removed].");
        // With any neighbouring text, which sometimes forms another card number.
        expect(withoutPersonalData(`7 ${digits}${check} 123`, ["card"])).not.toContain(digits);
      }),
    );
  });
});
