import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { channelOf } from "./address.ts";
import { Collection } from "./collection.ts";
import type { Gate } from "./events.ts";
import type { Account, OwnedNumber, Service, WebhookConfiguration } from "./model.ts";
import { createDefaultRoles } from "./roles.ts";
import type { World } from "./world.ts";

/** What an account begins with, beside what is made up for it. */
export interface AccountOptions {
  readonly accountSid: string | undefined;
  readonly authToken: string | undefined;
  /** Owned from the start: an SMS number and a WhatsApp sender ("whatsapp:+1…"). */
  readonly numbers: readonly string[];
}

/** A new account as Twilio sets it up: a default service with its roles, a messaging service, an API key. */
export function createWorld(
  options: AccountOptions,
  clock: Clock,
  ids: Ids,
  gate: Gate,
  publish: World["publish"],
): World {
  const sid = options.accountSid ?? ids.sid("AC");
  const authToken = options.authToken ?? ids.hex();
  const account: Account = {
    sid,
    authToken,
    apiKeys: new Map([[ids.sid("SK"), ids.hex()]]),
    defaultMessagingServiceSid: ids.sid("MG"),
    webhooks: unconfigured("POST"),
  };
  const defaultService = createService(ids, clock, 0);
  const services = new Collection<Service>();
  services.add(defaultService);
  const world: World = {
    clock,
    ids,
    account,
    services,
    defaultService,
    numbers: new Map(),
    pairs: new Map(),
    contents: new Collection(),
    media: new Map(),
    gate,
    publish,
  };
  for (const address of options.numbers) addNumber(world, address);
  return world;
}

/** Gives the account a number or WhatsApp sender; undefined when the address is neither. Owning it twice is once. */
export function addNumber(world: World, address: string): OwnedNumber | undefined {
  const channel = channelOf(address);
  if (channel === undefined) return undefined;
  const known = world.numbers.get(address);
  if (known !== undefined) return known;
  const number = { sid: world.ids.sid(channel === "sms" ? "PN" : "XE"), address, channel };
  world.numbers.set(address, number);
  return number;
}

function createService(ids: Ids, clock: Clock, seq: number): Service {
  const roles = new Collection<ReturnType<typeof createDefaultRoles>[number]>();
  for (const role of createDefaultRoles(ids.sid)) roles.add(role);
  const roleSid = (name: string) => [...roles.values()].find((role) => role.friendlyName === name)?.sid ?? "";
  return {
    sid: ids.sid("IS"),
    seq,
    friendlyName: "Default Conversations Service",
    conversations: new Collection(),
    conversationsByUniqueName: new Map(),
    users: new Collection(),
    usersByIdentity: new Map(),
    roles,
    defaultRoles: {
      conversation: roleSid("channel user"),
      conversationCreator: roleSid("channel admin"),
      service: roleSid("service user"),
    },
    webhooks: unconfigured(null),
    dateCreated: clock.now(),
    dateUpdated: clock.now(),
  };
}

function unconfigured(method: "POST" | null): WebhookConfiguration {
  return { preWebhookUrl: null, postWebhookUrl: null, method, filters: null, target: "webhook" };
}
