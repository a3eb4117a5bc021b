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
    ["4242\n4242\r\n4242\n\n4242", "[card number removed]"],
    ["4242,4242, 4242 ,4242!", "[card number removed]!"],
    ["4242     4242\t4242      4242 ok", "[card number removed] ok"],
    ["4️⃣2️⃣4️⃣2️⃣ 4️⃣2️⃣4️⃣2️⃣ 4️⃣2️⃣4️⃣2️⃣ 4️⃣2️⃣4️⃣2️⃣", "[card number removed]"],
    ["④②④② ➃➁➃➁ ⁴²⁴² ₄₂₄₂", "[card number removed]"],
    ["❹❷❹❷ ⓸⓶⓸⓶ 4/2/4/2 | 4_2_4_2", "[card number removed]"],
    ["4242, 4242; 4242. 4242 or 3782 . 822463 , 10005", "[card number removed] or [card number removed]"],
    ["my \u202e2424 2424 2424 2424\u202c card", "my [card number removed] card"],
    ["4\u20662\u206942 4\u200e242 42\u206042 4242", "[card number removed]"],
    ["call +①⑤⑤⑤8675310", "call [phone number removed]"],
    ["call +15558675310 from 🇩🇪, 🅰 or ½", "call [phone number removed] from 🇩🇪, 🅰 or ½"],
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
    "½ cup, x² and ①",
    "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
    "4,250.00\n3,200.50\n1,049.50",
    "read 12:30:15, 12:31:15, 12:32:15",
    "\u202e2424 2424",
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

  it.each(["1 ", "4242 ", "4,2", "1\n\n", "\u202e42\u202c", "4️⃣", "5".repeat(20)])(
    "takes steps in proportion to the length of a text of %j",
    (unit) => {
      const steps = (text: string) => {
        let count = 0;
        withoutPersonalData(text, PERSONAL_DATA, () => count++);
        return count;
      };
      expect(steps(unit.repeat(2_000))).toBeLessThan(2.1 * steps(unit.repeat(1_000)) + 1);
      expect(steps(unit.repeat(1_000))).toBeLessThanOrEqual(19 * unit.length * 1_000);
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
