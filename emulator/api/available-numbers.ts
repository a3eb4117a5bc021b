import { canadian, caribbean, pacific, tollFree } from "../domain/area-codes.ts";
import { NotEmulatedError } from "../domain/errors.ts";
import { requestRules } from "../domain/rules/request.ts";
import { readPageSize } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";
import { checkAccount, checkUnsupported, withoutJson } from "./legacy.ts";

/*
 * Numbers to buy, api.twilio.com/2010-04-01: those reserved for fiction, which are assigned to no one (555-0100 to 555-0199 in North
 * America; Ofcom's numbers for drama in the United Kingdom).
 */

interface Country {
  readonly name: string;
  /** The numbers of each kind, optionally those of an area code. */
  readonly kinds: Readonly<Partial<Record<Kind, (area: string | undefined) => readonly string[]>>>;
  readonly hasMms: boolean;
}

/** The kinds of numbers, and their names in URIs and in `subresource_uris`. */
const kinds = { Local: "local", TollFree: "toll_free", Mobile: "mobile" } as const;
type Kind = keyof typeof kinds;

const countries: ReadonlyMap<string, Country> = new Map([
  ["US", northAmerican("United States", ["212", "312", "415", "501", "555", "650"], isOfTheUnitedStates)],
  ["CA", northAmerican("Canada", ["416", "514", "604"], (area) => canadian.has(area))],
  [
    "GB",
    {
      name: "United Kingdom",
      kinds: {
        Local: () => lines("+442079460"),
        TollFree: () => lines("+448081570"),
        Mobile: () => lines("+447700900"),
      },
      hasMms: false,
    },
  ],
]);

function northAmerican(name: string, areas: readonly string[], isArea: (area: string) => boolean): Country {
  const known = areas.filter(isArea);
  const Local = (area: string | undefined) =>
    (area === undefined ? known : [area].filter(isArea)).flatMap((one) => lines(`+1${one}5550`));
  return { name, kinds: { Local, TollFree: () => lines("+18005550") }, hasMms: true };
}

function isOfTheUnitedStates(area: string): boolean {
  const others = [canadian, caribbean, pacific, tollFree];
  return /^[2-9]\d{2}$/.test(area) && !others.some((codes) => codes.has(area));
}

function lines(prefix: string): string[] {
  return Array.from({ length: 100 }, (_, line) => `${prefix}${100 + line}`);
}

/** GET /Accounts/{AccountSid}/AvailablePhoneNumbers.json */
export const listCountries: Handler = (call) => {
  checkAccount(call);
  const members = [...countries].map(([code, country]) => presentCountry(call, code, country));
  return { status: 200, body: { uri: `${base(call)}.json`, countries: members } };
};

/** GET /Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}.json */
export const fetchCountry: Handler = (call) => {
  const { code, country } = countryOf(call);
  return { status: 200, body: presentCountry(call, code, country) };
};

/** Filters by places, which the numbers do not have. */
const unsupported =
  "NearNumber NearLatLong Distance InPostalCode InRegion InRateCenter InLata InLocality".split(" ");

/**
 * GET /Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/{Kind}.json, by area code, pattern and capabilities; no number
 * requires an address. The first `PageSize` numbers, on one page.
 */
export const list: Handler = (call) => {
  const { code, country } = countryOf(call);
  const kind = withoutJson(param(call, "Kind"));
  const numbers = Object.hasOwn(country.kinds, kind) ? country.kinds[kind as Kind] : undefined;
  if (numbers === undefined) throw new NotEmulatedError(`${kind} numbers of ${code}`);
  const { query, resources } = call;
  checkUnsupported(query, unsupported, "AvailablePhoneNumbers");
  const isWanted = matcher(query.get("Contains") ?? "");
  const size = readPageSize(query.get("PageSize"), { defaultSize: 50, maxSize: 1000 });
  const free = hasWantedCapabilities(call, country)
    ? numbers(query.get("AreaCode") || undefined).filter(
        (one) => !resources.numbers.has(one) && isWanted(one),
      )
    : [];
  const uri = `${base(call)}/${code}/${kind}.json`;
  const page = { uri, first_page_uri: uri, previous_page_uri: null, next_page_uri: null };
  const members = free.slice(0, size).map((number) => present(number, code, country));
  return { status: 200, body: { ...page, available_phone_numbers: members } };
};

function base({ resources: { account } }: Call): string {
  return `/2010-04-01/Accounts/${account.sid}/AvailablePhoneNumbers`;
}

function countryOf(call: Call): { readonly code: string; readonly country: Country } {
  checkAccount(call);
  const code = withoutJson(param(call, "CountryCode")).toUpperCase();
  if (!/^[A-Z]{2}$/.test(code)) throw notFound(call);
  const country = countries.get(code);
  if (country === undefined) throw new NotEmulatedError(`phone numbers of ${code}`);
  return { code, country };
}

function capabilitiesOf({ hasMms }: Country) {
  return { Voice: true, Sms: true, Mms: hasMms, Fax: false };
}

function hasWantedCapabilities({ query }: Call, country: Country): boolean {
  return Object.entries(capabilitiesOf(country)).every(([name, has]) => {
    const wanted = query.get(`${name}Enabled`)?.toLowerCase() || undefined;
    return wanted === undefined || wanted === String(has);
  });
}

const keypad = ["", "", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];

/**
 * A pattern of 2 to 16 digits and letters of a keypad: `*` stands for one digit, `%` for any number of them; `+` at the start and
 * `$` at the end bind it to the number's start and end (the Available Phone Numbers resources).
 */
function matcher(pattern: string): (number: string) => boolean {
  if (pattern === "") return () => true;
  if (!/^\+?[\da-z*%]+\$?$/i.test(pattern) || pattern.length < 2 || pattern.length > 16)
    throw requestRules.invalidParameter("Contains");
  const parts = [...pattern.toUpperCase()].map((character) => {
    if (character === "*") return "\\d";
    if (character === "%") return "\\d*";
    if (character === "+") return "^\\+";
    if (character === "$" || /\d/.test(character)) return character;
    return String(keypad.findIndex((letters) => letters.includes(character)));
  });
  const expression = new RegExp(parts.join(""));
  return (number) => expression.test(number);
}

function presentCountry(call: Call, code: string, country: Country) {
  const uri = `${base(call)}/${code}`;
  const uris = Object.entries(kinds).flatMap(([kind, name]) =>
    Object.hasOwn(country.kinds, kind) ? [[name, `${uri}/${kind}.json`] as const] : [],
  );
  return {
    country_code: code,
    country: country.name,
    beta: false,
    uri: `${uri}.json`,
    subresource_uris: Object.fromEntries(uris),
  };
}

function present(number: string, code: string, country: Country) {
  const [, area = "", office = "", line = ""] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number) ?? [];
  const { Voice, Sms, Mms, Fax } = capabilitiesOf(country);
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
    iso_country: code,
    address_requirements: "none",
    beta: false,
    capabilities: { voice: Voice, SMS: Sms, MMS: Mms, fax: Fax },
  };
}
