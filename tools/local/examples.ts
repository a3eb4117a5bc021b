import { basicAuth, call, type Demo } from "./courier-demo.ts";

/** Further numbers of the account, for connections beside the demos. */
export const MORE_NUMBERS = ["+15017122662", "whatsapp:+15017122662"];
const [NUMBER = ""] = MORE_NUMBERS;

/** Names and SIDs for the examples in `docs/endpoints`. */
export interface ExampleValues {
  /** A conversation of the chat user alice and a person on a phone. */
  readonly conversationSid: string;
  /** A message in it. */
  readonly messageSid: string;
  readonly flowSid: string;
  /** The templates of the demo, approved: the invitation with two variables, and the text for both when they are connected. */
  readonly inviteSid: string;
  readonly connectSid: string;
}

/** Creates what the examples name: the conversation order-7 and the group text group-7. Uses the demos' templates and flow. */
export async function createExamples({ emulator }: Demo): Promise<ExampleValues> {
  const get = <Answer>(path: string) =>
    call<Answer>(`${emulator.url}${path}`, undefined, basicAuth(emulator));
  const post = (path: string, ...form: [string, string][]) =>
    call<{ sid: string }>(`${emulator.url}${path}`, new URLSearchParams(form), basicAuth(emulator));

  for (const address of MORE_NUMBERS) await call(`${emulator.controlUrl}/numbers`, { address });
  const order = await post("/v1/Conversations", ["UniqueName", "order-7"], ["FriendlyName", "Order 7"]);
  const path = `/v1/Conversations/${order.sid}`;
  await post(`${path}/Participants`, ["Identity", "alice"]);
  const customer = "+15558675310";
  await post(
    `${path}/Participants`,
    ["MessagingBinding.Address", customer],
    ["MessagingBinding.ProxyAddress", NUMBER],
  );
  await post(`${path}/Messages`, ["Author", customer], ["Body", "Where is it?"]);
  const message = await post(`${path}/Messages`, ["Author", "system"], ["Body", "On its way"]);
  const member = (binding: object, identity?: string): [string, string] => [
    "Participant",
    JSON.stringify({ identity, messaging_binding: binding }),
  ];
  const group = await post(
    "/v1/ConversationWithParticipants",
    ["UniqueName", "group-7"],
    ["FriendlyName", "Group 7"],
    member({ address: "+15558675312" }),
    member({ address: "+15558675313" }),
    member({ projected_address: NUMBER }, "realEstateAgent"),
  );
  await whenJoined(() => get(`/v1/Conversations/${group.sid}`));
  const { contents } = await get<{ contents: { sid: string; friendly_name: string }[] }>("/v1/Content");
  const { flows } = await get<{ flows: { sid: string }[] }>("/v2/Flows");
  const templateOf = (name: string) => contents.find((one) => one.friendly_name === name)?.sid ?? "";
  return {
    conversationSid: order.sid,
    messageSid: message.sid,
    flowSid: flows[0]?.sid ?? "",
    inviteSid: templateOf("courier_needs_help"),
    connectSid: templateOf("customer_agreed"),
  };
}

const CHECK_MS = 100;

/** Waits until all members of a new group text have joined, which takes Twilio and the emulator 700 ms. */
async function whenJoined(fetchConversation: () => Promise<{ state: string }>): Promise<void> {
  while ((await fetchConversation()).state === "initializing")
    await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
}
