import * as v from "valibot";
import { approvalStatuses } from "../domain/model.ts";
import { closed, flag, jsonObject, listOf, oneOf } from "../input.ts";

/*
 * The fields are the parameters of Twilio's create calls, in the spelling of its Node client.
 */

const text = v.optional(v.string("must be text"));
const texts = v.optional(listOf(v.string("must be text")));
const count = v.optional(v.number("must be a number"));
const dates = { dateCreated: text, dateUpdated: text };

/** Text, or any JSON instead of its text. */
export const jsonText = v.pipe(
  v.unknown(),
  v.transform((value) => (typeof value === "string" ? value : JSON.stringify(value))),
);
const json = v.optional(jsonText);

const participant = closed({
  sid: sid("MB"),
  identity: text,
  messagingBinding: v.optional(closed({ address: text, proxyAddress: text, projectedAddress: text })),
  attributes: json,
  roleSid: text,
  ...dates,
});

const message = closed({
  sid: sid("IM"),
  author: text,
  body: text,
  attributes: json,
  contentSid: text,
  contentVariables: json,
  ...dates,
});

const scopedWebhook = closed({
  sid: sid("WH"),
  target: text,
  configuration: v.optional(
    closed({ url: text, method: text, filters: texts, triggers: texts, flowSid: text, replayAfter: count }),
  ),
});

const conversation = closed({
  sid: sid("CH"),
  friendlyName: text,
  uniqueName: text,
  attributes: json,
  messagingServiceSid: text,
  state: text,
  timers: v.optional(closed({ inactive: text, closed: text })),
  ...dates,
  participants: objects(participant),
  messages: objects(message),
  webhooks: objects(scopedWebhook),
});

const user = closed({
  sid: sid("US"),
  identity: text,
  friendlyName: text,
  attributes: json,
  roleSid: text,
});

const role = closed({ sid: sid("RL"), friendlyName: text, type: text, permission: texts });

/** A public channel of the Chat API, which is not a conversation before its migration. */
const channel = closed({
  sid: sid("CH"),
  friendlyName: text,
  uniqueName: text,
  attributes: json,
  members: v.optional(listOf(v.string("must be text")), []),
  messages: objects(closed({ author: v.string("must be text"), body: v.string("must be text") })),
});

/** The objects of a service; those of the default service are at the top level of the seed. */
const contents = {
  roles: objects(role),
  users: objects(user),
  conversations: objects(conversation),
  channels: objects(channel),
};

const service = closed({ sid: sid("IS"), friendlyName: text, ...contents });

const number = closed({ sid: sid("PN", "XE"), address: v.string("must be text") });

const content = closed({
  sid: sid("HX"),
  friendlyName: text,
  language: text,
  variables: v.optional(jsonObject),
  types: v.optional(jsonObject),
  approval: v.optional(
    closed({ status: oneOf(approvalStatuses), rejectionReason: v.optional(v.string("must be text"), "") }),
  ),
});

const address = closed({
  sid: sid("IG"),
  type: text,
  address: text,
  friendlyName: text,
  addressCountry: text,
  autoCreation: v.optional(
    closed({
      enabled: v.optional(flag),
      type: text,
      conversationServiceSid: text,
      webhookUrl: text,
      webhookMethod: text,
      webhookFilters: texts,
      studioFlowSid: text,
      studioRetryCount: count,
    }),
  ),
});

const flow = closed({
  sid: sid("FW"),
  friendlyName: text,
  status: text,
  definition: json,
  commitMessage: text,
});

/** A seed: the objects of an account besides those of every new one. */
export const seedDocument = closed({
  webhooks: v.optional(closed({ preWebhookUrl: text, postWebhookUrl: text, method: text, filters: texts })),
  faults: objects(v.unknown()),
  numbers: objects(number),
  contents: objects(content),
  ...contents,
  services: objects(service),
  addresses: objects(address),
  flows: objects(flow),
  // Names the JSON Schema for editors.
  $schema: text,
});

export type Seed = v.InferOutput<typeof seedDocument>;

function objects<Schema extends v.GenericSchema>(schema: Schema) {
  return v.optional(listOf(schema), []);
}

function sid(...prefixes: readonly string[]) {
  const expected = `must be ${prefixes.join(" or ")} and 32 hexadecimal digits`;
  return v.optional(
    v.pipe(
      v.string("must be text"),
      v.regex(new RegExp(`^(?:${prefixes.join("|")})[0-9a-f]{32}$`), expected),
    ),
  );
}
