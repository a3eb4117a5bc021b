import { omitUndefined } from "../../../core/omit-undefined.ts";
import type { Resource } from "../api.ts";
import { type Change, differencesOf, flatten, formOf } from "../change.ts";
import type { Context } from "../context.ts";
import type { Address } from "../schema.ts";
import { UserError } from "../user-error.ts";
import type { Kind } from "./kind.ts";
import { pulled } from "./settings.ts";

const PATH = "/v1/Configuration/Addresses";
type Type = NonNullable<Address["type"]>;

/** Addresses whose inbound messages create conversations (docs: Address Configuration Resource). */
export const addresses: Kind<"addresses"> = {
  section: "addresses",
  async plan(section, context) {
    const actual = await context.list("conversations", `${PATH}?PageSize=50`, "address_configurations");
    const wanted = [...new Map(section.flatMap(spread).map((one) => [one.key, one])).values()];
    const changes: Change[] = [];
    for (const address of wanted) {
      const present = actual.find((one) => keyOf(one) === address.key);
      changes.push(...(await planAddress(address, present, context)));
    }
    if (context.prune) {
      const named = new Set(wanted.map(({ key }) => key));
      const strays = actual.filter((one) => !named.has(keyOf(one)));
      changes.push(...strays.map((one) => removal(one, context)));
    }
    return changes;
  },
  async pull(context) {
    const actual = await context.list("conversations", `${PATH}?PageSize=50`, "address_configurations");
    return actual.map((one) => {
      const { conversationServiceSid, ...auto } = pulled<Readonly<Record<string, unknown>>>(
        one.auto_creation as Resource,
        AUTO_CREATION_FIELDS,
      );
      const { type, address, friendlyName, addressCountry } = pulled<Readonly<Record<string, unknown>>>(one, [
        ...["type", "address", "friendlyName", "addressCountry"],
      ]);
      const autoCreation = {
        ...auto,
        ...omitUndefined({ conversationService: conversationServiceSid }),
      };
      return { address, type, friendlyName, addressCountry, autoCreation } as unknown as Address;
    });
  },
};

const AUTO_CREATION_FIELDS = [
  ...["enabled", "type", "conversationServiceSid", "webhookUrl", "webhookMethod", "webhookFilters"],
  ...["studioFlowSid", "studioRetryCount"],
];

interface OneAddress extends Address {
  readonly type: Type;
  readonly key: string;
}

/** One text may list several addresses. */
function spread(address: Address): OneAddress[] {
  const texts = address.address.split(",").map((text) => text.trim());
  return texts
    .filter((text) => text !== "")
    .map((text) => {
      const type = address.type ?? typeOf(text);
      return { ...address, address: text, type, key: keyOf({ type, address: text }) };
    });
}

function typeOf(address: string): Type {
  const prefix = /^(whatsapp|messenger|rcs):/.exec(address)?.[1];
  if (prefix === "whatsapp" || prefix === "messenger" || prefix === "rcs") return prefix;
  if (/^\+?\d+$/.test(address)) return "sms";
  if (address.includes("@")) return "email";
  throw new UserError(`addresses: give the type of ${address}; it cannot be derived from the address.`);
}

/** Twilio accepts the prefix of the type, and may omit it in answers. */
const keyOf = ({ type, address }: Resource | { type: string; address: string }): string =>
  `${type}:${String(address).replace(`${type}:`, "")}`;

async function planAddress(
  { address, type, friendlyName, addressCountry, autoCreation }: OneAddress,
  present: Resource | undefined,
  context: Context,
): Promise<Change[]> {
  const { conversationService, ...auto } = autoCreation;
  const service =
    conversationService === undefined ? undefined : await context.chatService(conversationService);
  const conversationServiceSid = service && (service.sid ?? `the new service ${service.name}`);
  const settings = flatten({ friendlyName, autoCreation: { ...auto, conversationServiceSid } });
  const subject = `the address ${address} (${type})`;
  const differences = differencesOf(settings, present ?? {});
  if (present === undefined) {
    const form = {
      Type: type,
      Address: address,
      ...formOf(settings),
      ...omitUndefined({ AddressCountry: addressCountry || undefined }),
    };
    return [
      { action: "create", subject, differences, run: () => context.api.post("conversations", PATH, form) },
    ];
  }
  if (differences.length === 0) return [];
  // All fields: which ones are needed depends on the type of autocreation.
  const run = () => context.api.post("conversations", `${PATH}/${present.sid}`, formOf(settings));
  return [{ action: "update", subject, differences, run }];
}

function removal({ sid, address, type }: Resource, { api }: Context): Change {
  const run = () => api.remove("conversations", `${PATH}/${sid}`);
  return { action: "delete", subject: `the address ${address} (${type})`, differences: [], run };
}
