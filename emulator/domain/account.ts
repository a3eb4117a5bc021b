import type { Sid } from "../sid.ts";
import type { Account, Service } from "./account-model.ts";
import { Collection } from "./collection.ts";
import { newMessagingService } from "./messaging-services.ts";
import { addNumber } from "./numbers.ts";
import type { Resources } from "./resources.ts";
import { newService, unconfigured } from "./services.ts";

/** Options of a new account; everything else is generated. */
export interface AccountOptions {
  readonly accountSid: Sid<"AC"> | undefined;
  readonly authToken: string | undefined;
  /** Owned from the start: an SMS number and a WhatsApp sender ("whatsapp:+1…"). */
  readonly numbers: readonly string[];
}

/** Parts of the {@link Resources} that are not stored. */
type UnstoredParts = Pick<Resources, "clock" | "ids" | "joinings" | "gate" | "publish">;

/** A new account as Twilio sets it up: a default service with its roles, a messaging service, an API key. */
export function createResources(options: AccountOptions, unstored: UnstoredParts): Resources {
  const { clock, ids } = unstored;
  const sid = options.accountSid ?? ids.sid("AC");
  const authToken = options.authToken ?? ids.hex();
  const keySid = ids.sid("SK");
  const apiKeys = new Map([[keySid, ids.hex()]]);
  const defaultService = newService({ ids, clock }, "Default Conversations Service", 0);
  const messagingService = newMessagingService({ ids, clock }, "Default Conversations Messaging Service", 0);
  const account: Account = {
    sid,
    authToken,
    apiKeys,
    keys: new Collection(),
    defaultMessagingServiceSid: messagingService.sid,
    defaultInactiveTimer: null,
    defaultClosedTimer: null,
    webhooks: unconfigured("POST"),
  };
  const now = clock.now();
  account.keys.add({ sid: keySid, seq: 0, friendlyName: "First key", dateCreated: now, dateUpdated: now });
  const services = new Collection<Service>();
  services.add(defaultService);
  const resources: Resources = {
    account,
    services,
    defaultService,
    ownedNumbers: new Collection(),
    numbers: new Map(),
    messagingServices: new Collection(),
    credentials: new Collection(),
    addresses: new Collection(),
    addressesByAddress: new Map(),
    pairs: new Map(),
    groups: new Map(),
    contents: new Collection(),
    media: new Map(),
    chatChannels: new Map(),
    channelMessages: new Collection(),
    ...unstored,
  };
  resources.messagingServices.add(messagingService);
  for (const address of options.numbers) addNumber(resources, address);
  return resources;
}
