import type { Client } from "@twilio/conversations";
import { suite } from "./all.ts";
import { ready, type ScenarioContext } from "./context.ts";

/*
 * Runs a scenario in a page. It is bundled, and loaded with the SDK's browser build.
 */

declare const Twilio: {
  Conversations: {
    Client: {
      new (token: string, options?: object): Client;
      create(token: string, options?: object): Promise<Client>;
    };
  };
};
/** Calls a function of the test process. */
declare const otherSide: (name: string, args: unknown[]) => Promise<never>;

/** Runs one scenario, with the option `Twilsock.uri` if given. */
async function run(section: string, name: string, uri: string | undefined): Promise<void> {
  const clients: Client[] = [];
  const options = uri === undefined ? {} : { Twilsock: { uri } };
  const connect = (token: string) => {
    const client = new Twilio.Conversations.Client(token, options);
    clients.push(client);
    return client;
  };
  const ask =
    (method: string) =>
    (...args: unknown[]) =>
      otherSide(method, args);
  const context: ScenarioContext = {
    connect,
    async create(token) {
      const client = await Twilio.Conversations.Client.create(token, options);
      clients.push(client);
      return client;
    },
    async signIn(identity, { ttl, pushCredentialSid } = {}) {
      const client = connect(await context.token(identity, ttl, pushCredentialSid));
      await ready(client);
      return client;
    },
    token: ask("token"),
    rest: ask("rest"),
    control: ask("control"),
    template: ask("template"),
    async hook(answers) {
      const { target } = await otherSide("hook", [answers]);
      return { target, received: ask("received") };
    },
    fetchText: async (url) => (await fetch(url)).text(),
  };
  const scenario = suite[section]?.[name];
  if (scenario === undefined) throw new Error(`There is no scenario ${section} ${name}`);
  await scenario(context).finally(() => Promise.all(clients.map((client) => client.shutdown())));
}

Object.assign(globalThis, { run });
