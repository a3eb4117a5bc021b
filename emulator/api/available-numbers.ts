import { NotEmulatedError } from "../domain/errors.ts";
import { type Call, type Handler, param } from "./call.ts";
import { checkAccount, withoutJson } from "./legacy.ts";

/*
 * Numbers to buy, api.twilio.com/2010-04-01: those reserved for fiction, which are assigned to no one.
 */

const areas = ["212", "312", "415", "501", "555", "604", "650"];

/** The numbers of a kind, by country; undefined for kinds that the emulator does not have. */
function numbersOf(country: string, kind: string, areaCode: string | undefined): string[] | undefined {
  const lines = (prefix: string) => Array.from({ length: 100 }, (_, line) => `${prefix}${100 + line}`);
  const isNorthAmerican = country === "US" || country === "CA";
  if (isNorthAmerican && kind === "Local")
    return (areaCode === undefined ? areas : [areaCode]).flatMap((area) => lines(`+1${area}5550`));
  if (isNorthAmerican && kind === "TollFree") return lines("+18005550");
  if (country === "GB" && kind === "Mobile") return lines("+447700900");
  return undefined;
}

/** GET /Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/{Kind}.json, by `AreaCode` and `Contains`; the first 30 */
export const list: Handler = (call) => {
  checkAccount(call);
  const { query, world } = call;
  const [country, kind] = [param(call, "CountryCode").toUpperCase(), withoutJson(param(call, "Kind"))];
  const areaCode = query.get("AreaCode") || undefined;
  const numbers = numbersOf(country, kind, areaCode);
  if (numbers === undefined) throw new NotEmulatedError(`${kind} numbers of ${country}`);
  const isWanted = containing(query.get("Contains") ?? "");
  const size = Math.min(Number(query.get("PageSize")) || 30, 1000);
  const free = numbers.filter((number) => !world.numbers.has(number) && isWanted(number)).slice(0, size);
  const uri = `/2010-04-01/Accounts/${world.account.sid}/AvailablePhoneNumbers/${country}/${kind}.json`;
  const page = { uri, first_page_uri: uri, previous_page_uri: null, next_page_uri: null };
  const available = free.map((number) => present(call, number, country));
  return { status: 200, body: { ...page, available_phone_numbers: available } };
};

/** A pattern of digits, in which `*` matches any digit; letters of a keypad are not supported and match nothing. */
function containing(pattern: string): (number: string) => boolean {
  const digits = pattern.replace(/^\+/, "").replace(/[^0-9*]/g, "");
  const expression = new RegExp(digits.replaceAll("*", "\\d"));
  return (number) => expression.test(number);
}

function present(_call: Call, number: string, country: string) {
  const [, area = "", office = "", line = ""] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number) ?? [];
  return {
    friendly_name: area === "" ? number : `(${area}) ${office}-${line}`,
    phone_number: number,
    lata: null,
    locality: null,
    rate_center: null,
    latitude: null,
    longitude: null,
    region: null,
    postal_code: null,
    iso_country: country,
    address_requirements: "none",
    beta: false,
    capabilities: { voice: true, SMS: true, MMS: country !== "GB", fax: false },
  };
}
