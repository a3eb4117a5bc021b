import type { OptIn } from "../../handlers/whatsapp/introduction/record.ts";
import type { System } from "./system.ts";

export const PATH = "/whatsapp/opt-in-reply";
export const WAIT = "Great! Just a moment while we connect you…";
export const DECLINED = "All right, we will not connect you. Thank you for letting us know.";
export const UNCLEAR =
  "Sorry, we did not get that. Please reply YES to be connected, or NO if you would rather not.";

export async function recordOf(system: System, sid: string): Promise<OptIn> {
  const { attributes } = await system.account.conversations(sid).fetch();
  const [, json = "{}"] = /^1\.[\w-]{6}\.[\w-]{22}\.(.*)$/.exec(JSON.parse(attributes).parley) ?? [];
  return JSON.parse(json) as OptIn;
}

/** The logged outcomes of the replies, in order. */
export async function results(system: System): Promise<string[]> {
  return (await system.outcomes(PATH)).map(({ status, reason }) =>
    reason === undefined ? String(status) : `${status}: ${reason}`,
  );
}
