import type { Resource } from "../api.ts";
import type { Change } from "../change.ts";
import type { Context } from "../context.ts";
import { UserError } from "../user-error.ts";
import type { Kind } from "./kind.ts";

/** The numbers in the pools of messaging services, and their A2P 10DLC registration (docs: A2P 10DLC). */
export const pools: Kind<"messagingServices"> = {
  section: "messagingServices",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const { service, numbers } of section) {
      const { sid, name } = await context.messagingService(service);
      const path = `/v1/Services/${sid}/PhoneNumbers`;
      const pool =
        sid === undefined ? [] : await context.list("messaging", `${path}?PageSize=100`, "phone_numbers");
      if (sid !== undefined)
        await judgeRegistration(context, sid, name, [
          ...pool.map(({ phone_number }) => String(phone_number)),
          ...(numbers ?? []),
        ]);
      if (numbers === undefined) continue;
      for (const number of numbers.filter((one) => !pool.some(({ phone_number }) => phone_number === one))) {
        const owned = await ownedNumber(context, number);
        changes.push({
          action: "create",
          subject: `${number} in the pool of the messaging service ${name}`,
          differences: [],
          run: () => context.api.post("messaging", path, { PhoneNumberSid: String(owned.sid) }),
        });
      }
      if (!context.prune) continue;
      for (const { sid: numberSid, phone_number } of pool.filter(
        ({ phone_number }) => !numbers.includes(String(phone_number)),
      )) {
        changes.push({
          action: "delete",
          subject: `${phone_number} from the pool of the messaging service ${name}`,
          differences: [],
          run: () => context.api.remove("messaging", `${path}/${numberSid}`),
        });
      }
    }
    return changes;
  },
};

async function ownedNumber(context: Context, number: string): Promise<Resource> {
  const path = `/2010-04-01/Accounts/${context.api.accountSid}/IncomingPhoneNumbers.json?PageSize=1000`;
  const owned = await context.list("api", path, "incoming_phone_numbers");
  const found = owned.find(({ phone_number }) => phone_number === number);
  if (found === undefined)
    throw new UserError(`The account does not own ${number}. Buy it, or remove it from the file.`);
  return found;
}

/** Whether US carriers block a number's messages without registration: a long code of +1, not a toll-free number. */
export const needsCampaign = (number: string): boolean => /^\+1(?!8(00|88|77|66|55|44|33))\d/.test(number);

/** Registration takes documents and days, so it is only checked here. */
async function judgeRegistration(
  context: Context,
  sid: string,
  name: string,
  numbers: readonly string[],
): Promise<void> {
  const concerned = [...new Set(numbers.filter(needsCampaign))];
  if (concerned.length === 0) return;
  const { us_app_to_person_registered } = await context.api.fetch("messaging", `/v1/Services/${sid}`);
  if (us_app_to_person_registered === true) return;
  context.warnings.push(
    `The messaging service ${name} has no A2P 10DLC campaign: US carriers block messages from ${concerned.join(", ")} (error 30034). ` +
      "Register in the Console under Messaging, Regulatory Compliance.",
  );
}
