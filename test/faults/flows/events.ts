import { eventOutcome, type Findings, type Flow, must, once, together } from "../flow.ts";
import type { Lane, Resource } from "../lane.ts";
import { AGENT, CUSTOMER_TEXT, HOURS, PERSON_TEXT, WELCOME } from "../settings.ts";

const PERSON = "+15558675310";

/** An event that happens, and what must come of it. */
const event = (definition: {
  readonly name: string;
  readonly endpoint: string;
  prepare(lane: Lane): Promise<{ happen(): Promise<unknown>; look(): Promise<Findings> }>;
}): Flow => ({
  name: definition.name,
  endpoints: [definition.endpoint],
  sends: true,
  isCall: false,
  async prepare(lane) {
    const { happen, look } = await definition.prepare(lane);
    return { act: () => eventOutcome(lane, happen), look };
  },
});

const listen = (lane: Lane): Promise<Resource> =>
  lane.post("/v1/Configuration/Webhooks", {
    PostWebhookUrl: `${lane.url}/webhooks/post-event`,
    Method: "POST",
  });

/** A conversation with the person, that has the responder on it. */
async function attended(lane: Lane): Promise<string> {
  const { sid } = await lane.post("Conversations");
  await lane.post(`Conversations/${sid}/Participants`, {
    "MessagingBinding.Address": PERSON,
    "MessagingBinding.ProxyAddress": lane.emulator.smsNumber,
  });
  await lane.post(`Conversations/${sid}/Webhooks`, {
    Target: "webhook",
    "Configuration.Url": `${lane.url}/webhooks/conversation`,
    "Configuration.Method": "post",
    "Configuration.Filters": "onMessageAdded",
  });
  return String(sid);
}

async function textsIn(lane: Lane, sid: unknown): Promise<(text: string) => number> {
  const texts = (await lane.list(`Conversations/${sid}/Messages`)).map(({ body }) => body);
  return (text) => texts.filter((one) => one === text).length;
}

/** What webhooks begin. */
export const events: readonly Flow[] = [
  event({
    name: "answer a keyword",
    endpoint: "webhooks/conversation",
    async prepare(lane) {
      const sid = await attended(lane);
      return {
        happen: () => lane.say(PERSON, lane.emulator.smsNumber, "Your hours?"),
        look: async () => once("the answer", (await textsIn(lane, sid))(HOURS)),
      };
    },
  }),
  event({
    name: "hand over to a person",
    endpoint: "webhooks/conversation",
    async prepare(lane) {
      const sid = await attended(lane);
      const look = async () => {
        const count = await textsIn(lane, sid);
        const people = await lane.list(`Conversations/${sid}/Participants`);
        return together(
          once("the agent", people.filter(({ identity }) => identity === AGENT).length),
          once("the text to the customer", count(CUSTOMER_TEXT)),
          once("the text to the agent", count(PERSON_TEXT)),
          must("the end of the responder", (await lane.list(`Conversations/${sid}/Webhooks`)).length === 0),
        );
      };
      return { happen: () => lane.say(PERSON, lane.emulator.smsNumber, "agent"), look };
    },
  }),
  event({
    name: "route and greet a new conversation",
    endpoint: "webhooks/post-event",
    async prepare(lane) {
      await listen(lane);
      await lane.post("/v1/Configuration/Addresses", {
        Type: "sms",
        Address: lane.emulator.smsNumber,
        "AutoCreation.Enabled": "true",
      });
      const look = async () => {
        const [conversation] = (await lane.conversations()).filter(({ unique_name: name }) => name === null);
        const sid = conversation?.sid;
        const people = await lane.list(`Conversations/${sid}/Participants`);
        // Another one waits for the next message to deliver the event again.
        const flows = (await lane.list(`Conversations/${sid}/Webhooks`)).filter(
          ({ target }) => target === "studio",
        );
        return together(
          once("the agent", people.filter(({ identity }) => identity === AGENT).length),
          once("the Studio flow", flows.length),
          once("the greeting", (await textsIn(lane, sid))(WELCOME)),
        );
      };
      return { happen: () => lane.say(PERSON, lane.emulator.smsNumber, "Hello"), look };
    },
  }),
  event({
    name: "say a refused message again on another channel",
    endpoint: "webhooks/post-event",
    async prepare(lane) {
      await listen(lane);
      const { smsNumber: proxyAddress, whatsappNumber } = lane.emulator;
      const { sid } = await lane.post("Conversations");
      await lane.post(`Conversations/${sid}/Participants`, {
        "MessagingBinding.Address": `whatsapp:${PERSON}`,
        "MessagingBinding.ProxyAddress": whatsappNumber,
        Attributes: JSON.stringify({ otherChannel: { address: PERSON, proxyAddress } }),
      });
      // Sent when the faults are there, by what is no request: the emulator's clock decides when it is refused.
      await lane.addFault({ on: "delivery", effect: "delay", duration: "PT1H", times: 1 });
      await lane.post(`Conversations/${sid}/Messages`, { Author: "agent", Body: "Your order is here" });
      const look = async () => {
        const texts = await lane.list(`Conversations/${sid}/Messages`);
        return together(
          once("the retry", texts.length - 1),
          once("the text", (await lane.received(PERSON)).length),
        );
      };
      return { happen: () => lane.emulator.advance(60 * 60 * 1_000), look };
    },
  }),
  event({
    name: "archive a closed conversation",
    endpoint: "webhooks/post-event",
    async prepare(lane) {
      await listen(lane);
      const { sid } = await lane.post("Conversations", { "Timers.Inactive": "PT5M", State: "active" });
      await lane.post(`Conversations/${sid}/Messages`, { Body: "Hello" });
      return {
        happen: () => lane.emulator.advance(6 * 60 * 1_000),
        look: async () =>
          together(
            must("the close", (await lane.get(`Conversations/${sid}`)).state === "closed"),
            must("the archive", lane.logged('"event":"archive"')),
          ),
      };
    },
  }),
];
