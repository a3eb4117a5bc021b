import * as v from "valibot";

/** Events of the webhooks of the account and of a service (docs: Webhook Configuration Resource). */
const WEBHOOK_EVENTS = [
  ...["onConversationAdd", "onConversationUpdate", "onConversationRemove"],
  ...["onMessageAdd", "onMessageUpdate", "onMessageRemove"],
  ...["onParticipantAdd", "onParticipantUpdate", "onParticipantRemove", "onUserUpdate"],
  ...["onConversationAdded", "onConversationUpdated", "onConversationRemoved", "onConversationStateUpdated"],
  ...["onMessageAdded", "onMessageUpdated", "onMessageRemoved"],
  ...["onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved"],
  ...["onDeliveryUpdated", "onUserAdded", "onUserUpdated"],
] as const;

/** Events of the webhook of an address (docs: Address Configuration Resource). */
const ADDRESS_EVENTS = WEBHOOK_EVENTS.filter(
  (event) => /(ed|Updated)$/.test(event) && !event.startsWith("onUser"),
);

const name = v.pipe(v.string(), v.nonEmpty("must not be empty"));
/** Checked by a function and not by a pattern, so that editors accept `${NAME}` instead. */
const sid = (prefix: string) =>
  v.pipe(
    v.string(),
    v.check(
      (text) => new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(text),
      `must be ${prefix} and 32 hexadecimal digits`,
    ),
  );
const httpUrl = v.pipe(
  v.string(),
  v.check((text) => text === "" || isHttpUrl(text), "must be an http(s) URL, or empty for none"),
);
const method = v.picklist(["GET", "POST"]);
const timer = v.pipe(
  v.string(),
  v.check(
    (text) => text === "" || /^P(?=.)/.test(text),
    'must be an ISO 8601 duration such as "P1D", or empty for none',
  ),
);

const isHttpUrl = (text: string) => /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : "");

const webhooks = v.strictObject({
  preWebhookUrl: v.optional(httpUrl),
  postWebhookUrl: v.optional(httpUrl),
  method: v.optional(method),
  filters: v.optional(v.array(v.picklist(WEBHOOK_EVENTS))),
});

const permissions = v.array(name);
const role = v.union(
  [
    v.strictObject({
      name,
      type: v.picklist(["service", "conversation"]),
      permissions: v.pipe(
        permissions,
        v.nonEmpty("must not be empty: Twilio rejects a role without permissions"),
      ),
    }),
    v.strictObject({
      default: v.picklist(["service", "conversation", "conversationCreator"]),
      with: v.optional(permissions),
      without: v.optional(permissions),
    }),
  ],
  'must be {"name", "type", "permissions"}, or {"default": "service" | "conversation" | "conversationCreator"} with "with" or "without"',
);

const notice = { enabled: v.optional(v.boolean()), template: v.optional(v.string()) };
const soundNotice = { ...notice, sound: v.optional(v.string()) };
const notifications = v.strictObject({
  logEnabled: v.optional(v.boolean()),
  newMessage: v.optional(
    v.strictObject({
      ...soundNotice,
      badgeCountEnabled: v.optional(v.boolean()),
      withMedia: v.optional(v.strictObject(notice)),
    }),
  ),
  addedToConversation: v.optional(v.strictObject(soundNotice)),
  removedFromConversation: v.optional(v.strictObject(soundNotice)),
});

const service = v.strictObject({
  /** Its SID, or its name: a service with that name is created if there is none. */
  service: name,
  webhooks: v.optional(webhooks),
  roles: v.optional(v.array(role)),
  /** The names of the roles of new users and participants. */
  defaultRoles: v.optional(
    v.strictObject({
      service: v.optional(name),
      conversation: v.optional(name),
      conversationCreator: v.optional(name),
    }),
  ),
  reachabilityEnabled: v.optional(v.boolean()),
  notifications: v.optional(notifications),
});

const autoCreation = { enabled: v.boolean(), conversationService: v.optional(name) };
const address = v.strictObject({
  /** One, or several separated by commas. */
  address: v.string(),
  /** Derived from the address if omitted. */
  type: v.optional(v.picklist(["sms", "whatsapp", "messenger", "gbm", "email", "rcs", "apple", "chat"])),
  friendlyName: v.optional(v.string()),
  addressCountry: v.optional(v.pipe(v.string(), v.length(2, "must be a two-letter country code"))),
  autoCreation: v.variant("type", [
    v.strictObject({ type: v.literal("default"), ...autoCreation }),
    v.strictObject({
      type: v.literal("webhook"),
      ...autoCreation,
      webhookUrl: v.pipe(httpUrl, v.nonEmpty("must not be empty")),
      webhookMethod: v.optional(method),
      webhookFilters: v.optional(
        v.pipe(v.array(v.picklist(ADDRESS_EVENTS)), v.nonEmpty("must not be empty")),
      ),
    }),
    v.strictObject({
      type: v.literal("studio"),
      ...autoCreation,
      studioFlowSid: sid("FW"),
      studioRetryCount: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3))),
    }),
  ]),
});

/** A secret is never in the file itself. */
const secret = v.union(
  [v.strictObject({ env: name }), v.strictObject({ file: name })],
  'must be {"env": "NAME"} or {"file": "path"}: secrets must not be in the file',
);
const credential = v.variant("type", [
  v.strictObject({
    name,
    type: v.literal("apn"),
    certificate: secret,
    privateKey: secret,
    sandbox: v.optional(v.boolean()),
  }),
  v.strictObject({ name, type: v.literal("gcm"), apiKey: secret }),
  v.strictObject({ name, type: v.literal("fcm"), secret }),
]);

const content = v.strictObject({
  name,
  language: name,
  variables: v.optional(v.record(v.string(), v.string())),
  /** As the Content API has them: {"twilio/text": {"body": "…"}}. */
  types: v.record(v.string(), v.record(v.string(), v.unknown())),
  /** Ask WhatsApp to approve it. */
  approval: v.optional(
    v.strictObject({
      name: v.pipe(
        v.string(),
        v.regex(/^[a-z0-9_]{1,512}$/, "must be lower-case letters, digits and underscores"),
      ),
      category: v.picklist(["UTILITY", "MARKETING", "AUTHENTICATION"]),
    }),
  ),
});

const messagingService = v.strictObject({
  /** Its SID, or its name: one with that name is created if there is none. */
  service: name,
  inboundRequestUrl: v.optional(httpUrl),
  useInboundWebhookOnNumber: v.optional(v.boolean()),
  /** Phone numbers of the account in its pool. */
  numbers: v.optional(
    v.array(v.pipe(v.string(), v.check(isNumber, "must be a phone number such as +15017122661"))),
  ),
});

function isNumber(text: string): boolean {
  return /^\+[1-9]\d{4,14}$/.test(text);
}

const migration = v.strictObject({
  service: name,
  channels: v.array(sid("CH")),
  /** The messaging service of the conversations, for adding people by SMS. */
  messagingService: v.optional(name),
});

const sections = {
  webhooks: v.optional(
    v.strictObject({ ...webhooks.entries, target: v.optional(v.picklist(["webhook", "flex"])) }),
  ),
  messagingServices: v.optional(v.array(messagingService)),
  services: v.optional(v.array(service)),
  /** Defaults of new conversations; services by SID or name. */
  defaults: v.optional(
    v.strictObject({
      chatService: v.optional(name),
      messagingService: v.optional(name),
      inactiveTimer: v.optional(timer),
      closedTimer: v.optional(timer),
    }),
  ),
  credentials: v.optional(v.array(credential)),
  contents: v.optional(v.array(content)),
  addresses: v.optional(v.array(address)),
  chatMigration: v.optional(v.array(migration)),
};

/** An account's file with its variables replaced and one environment's section merged. */
export const account = v.strictObject(sections);
/** The file as it is written. */
export const accountFile = v.strictObject({
  $schema: v.optional(v.string()),
  ...sections,
  /** Sections by environment, merged over the above: objects by field, lists as a whole. */
  environments: v.optional(v.record(v.string(), account)),
});

export type Account = v.InferOutput<typeof account>;
type Item<Section extends keyof Account> =
  NonNullable<Account[Section]> extends readonly (infer T)[] ? T : never;
export type Webhooks = NonNullable<Account["webhooks"]>;
export type Service = Item<"services">;
export type Address = Item<"addresses">;
export type Credential = Item<"credentials">;
export type Content = Item<"contents">;
export type MessagingService = Item<"messagingServices">;
export type Migration = Item<"chatMigration">;
export type Defaults = NonNullable<Account["defaults"]>;
export type Secret = v.InferOutput<typeof secret>;
