import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TestAccount, useAccount } from "../../support/emulator.ts";

const fixture = useAccount();

/** A list over HTTP, and how what it lists comes and goes. */
interface List {
  readonly path: string;
  readonly key: string;
  /** The field that tells one member from the others; "sid" unless given. */
  readonly field?: string;
  /** Makes the n-th member and returns what `field` will be. */
  add(n: number): Promise<string>;
  remove(member: string): Promise<void>;
}

/** Members that are made by one form and removed at a path below the list's. */
function plain(
  account: TestAccount,
  path: string,
  key: string,
  form: (n: number) => string,
  list = path,
): List {
  return {
    path: list,
    key,
    async add(n) {
      const { status, body } = await account.rest("POST", path, form(n));
      expect(status, JSON.stringify(body)).toBe(201);
      return String(body.sid);
    },
    async remove(sid) {
      expect((await account.rest("DELETE", `${path}/${sid}`)).status).toBe(204);
    },
  };
}

/** Conversations of one user, or of one address. */
function ofParticipant(account: TestAccount, path: string, participant: string): List {
  return {
    path,
    key: "conversations",
    field: "conversation_sid",
    async add(n) {
      const proxy = `+1501712${3000 + n}`;
      await account.control("POST", "/numbers", { address: proxy });
      const { body } = await account.rest("POST", "/v1/Conversations");
      const form = participant.replace("PROXY", encodeURIComponent(proxy));
      const { status } = await account.rest("POST", `/v1/Conversations/${body.sid}/Participants`, form);
      expect(status).toBe(201);
      return String(body.sid);
    },
    async remove(sid) {
      await account.rest("DELETE", `/v1/Conversations/${sid}`);
    },
  };
}

async function conversationOf(account: TestAccount): Promise<string> {
  const { body } = await account.rest("POST", "/v1/Conversations");
  return `/v1/Conversations/${body.sid}`;
}

const template = (n: number) =>
  JSON.stringify({ language: "en", types: { "twilio/text": { body: `t${n}` } } });
const address = "+15558675310";
const byAddress = `MessagingBinding.Address=${encodeURIComponent(address)}&MessagingBinding.ProxyAddress=PROXY`;

const lists: Record<string, (account: TestAccount) => Promise<List>> = {
  conversations: async (account) => plain(account, "/v1/Conversations", "conversations", () => ""),
  "conversations by date": async (account) =>
    plain(
      account,
      "/v1/Conversations",
      "conversations",
      (n) => `DateCreated=2026-01-${String(10 + ((n * 7) % 19)).padStart(2, "0")}T00:00:00Z`,
      "/v1/Conversations?StartDate=2026-01-02T00:00:00Z",
    ),
  "conversations by state": async (account) =>
    plain(account, "/v1/Conversations", "conversations", () => "", "/v1/Conversations?State=active"),
  messages: async (account) =>
    plain(account, `${await conversationOf(account)}/Messages`, "messages", () => "Body=x"),
  "messages, the latest first": async (account) => {
    const path = `${await conversationOf(account)}/Messages`;
    return plain(account, path, "messages", () => "Body=x", `${path}?Order=desc`);
  },
  participants: async (account) =>
    plain(account, `${await conversationOf(account)}/Participants`, "participants", (n) => `Identity=u${n}`),
  users: async (account) => plain(account, "/v1/Users", "users", (n) => `Identity=u${n}`),
  "users of a service": async (account) =>
    plain(account, `/v1/Services/${account.emulator.chatServiceSid}/Users`, "users", (n) => `Identity=u${n}`),
  roles: async (account) =>
    plain(
      account,
      "/v1/Roles",
      "roles",
      (n) => `FriendlyName=r${n}&Type=service&Permission=joinConversation`,
    ),
  services: async (account) => plain(account, "/v1/Services", "services", (n) => `FriendlyName=s${n}`),
  credentials: async (account) => plain(account, "/v1/Credentials", "credentials", () => "Type=fcm"),
  addresses: async (account) =>
    plain(
      account,
      "/v1/Configuration/Addresses",
      "address_configurations",
      (n) => `Type=email&Address=a${n}@example.com`,
      "/v1/Configuration/Addresses?Type=email",
    ),
  "conversations of a user": async (account) => {
    await account.rest("POST", "/v1/Users", "Identity=alice");
    return ofParticipant(account, "/v1/Users/alice/Conversations", "Identity=alice");
  },
  "conversations of an identity": async (account) =>
    ofParticipant(account, "/v1/ParticipantConversations?Identity=alice", "Identity=alice"),
  "conversations of an address": async (account) =>
    ofParticipant(account, `/v1/ParticipantConversations?Address=${encodeURIComponent(address)}`, byAddress),
  "numbers of a messaging service": async (account) => {
    const path = `/v1/Services/${account.emulator.messagingServiceSid}/PhoneNumbers`;
    return {
      ...plain(account, path, "phone_numbers", () => ""),
      async add(n) {
        const { body } = await account.control("POST", "/numbers", { address: `+1501712${4000 + n}` });
        expect((await account.rest("POST", path, `PhoneNumberSid=${body.sid}`)).status).toBe(201);
        return String(body.sid);
      },
    };
  },
  templates: async (account) => ({
    ...plain(account, "/v1/Content", "contents", template),
    async add(n) {
      const { body } = await account.rest("POST", "/v1/Content", template(n), {
        "Content-Type": "application/json",
      });
      return String(body.sid);
    },
  }),
};

async function readOn(account: TestAccount, url: string) {
  const { pathname, search } = new URL(url, account.emulator.url);
  const { status, body } = await account.rest("GET", pathname + search);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Record<string, unknown> & { meta: { next_page_url: string | null } };
}

/** Reads a list to its end, and calls a function after each page. */
async function readAll(
  account: TestAccount,
  list: List,
  size: number,
  afterPage: (page: number) => Promise<void>,
) {
  const seen: string[] = [];
  const separator = list.path.includes("?") ? "&" : "?";
  let url: string | null = `${list.path}${separator}PageSize=${size}`;
  for (let page = 0; url !== null; page += 1) {
    const { meta, ...body }: Awaited<ReturnType<typeof readOn>> = await readOn(account, url);
    const members = body[list.key] as Record<string, string>[];
    seen.push(...members.map((member) => member[list.field ?? "sid"] ?? ""));
    url = meta.next_page_url;
    await afterPage(page);
  }
  return seen;
}

describe("following next_page_url to the end", () => {
  it.each(Object.entries(lists))("visits each of the %s that stay exactly once", async (_name, prepare) => {
    const account = fixture.current;
    let made = 0;
    const steps = fc.array(fc.constantFrom("add", "remove", "stay"), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), fc.nat(), async (changes, size, choice) => {
        const list = await prepare(account);
        const add = () => {
          made += 1;
          return list.add(made);
        };
        const staying = new Set<string>();
        for (let i = 0; i < 7; i += 1) staying.add(await add());
        const seen = await readAll(account, list, size, async (page) => {
          if (changes[page] === "add") await add();
          const victim = [...staying][choice % Math.max(staying.size, 1)];
          if (changes[page] !== "remove" || victim === undefined) return;
          await list.remove(victim);
          staying.delete(victim);
        });
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual(expect.arrayContaining([...staying]));
      }),
      { numRuns: 4 },
    );
  });

  it.each(Object.entries(lists))("rejects malformed parameters of the %s", async (_name, prepare) => {
    const account = fixture.current;
    const { path } = await prepare(account);
    const rejected = async (query: string) => {
      const { status, body } = await account.rest("GET", `${path}${path.includes("?") ? "&" : "?"}${query}`);
      return `${status}/${body.code}`;
    };
    for (const query of ["Page=-1", "Page=x", "PageSize=-1", "PageSize=0", "PageSize=abc"])
      expect(await rejected(query), query).toBe("400/20422");
    expect(await rejected("PageSize=1001")).toBe("400/20007");
    for (const token of ["PAIM00", `PACH${"0".repeat(32)}`, "x", "__proto__"])
      expect(await rejected(`PageToken=${token}`), token).toBe("400/21481");
  });

  it("requires a token after the first page in the API of 2010-04-01", async () => {
    const account = fixture.current;
    const base = `/2010-04-01/Accounts/${account.emulator.accountSid}`;
    for (const list of ["Messages", "IncomingPhoneNumbers", "Keys"]) {
      const { status, body } = await account.rest("GET", `${base}/${list}.json?Page=1&PageSize=1`);
      expect([status, body.code, body.message]).toEqual([400, 20001, "PageToken is required for paging."]);
      expect((await account.rest("GET", `${base}/${list}.json?Page=0`)).status).toBe(200);
    }
    const available = await account.rest("GET", `${base}/AvailablePhoneNumbers/US/Local.json?PageSize=-1`);
    expect([available.status, available.body.code]).toEqual([400, 20422]);
  });

  it("are in the order of creation, except the conversations of a user, an identity or an address", async () => {
    const account = fixture.current;
    const names = ["u3", "u1", "u2"];
    for (const identity of names) await account.client.conversations.v1.users.create({ identity });
    const { users, participantConversations } = account.client.conversations.v1;
    expect((await users.list()).map(({ identity }) => identity)).toEqual(names);
    const sids: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const conversation = await account.conversation();
      await conversation.participants.create({ identity: "u1" });
      sids.push((await conversation.fetch()).sid);
    }
    const sorted = sids.toSorted();
    expect(sorted).not.toEqual(sids);
    expect((await account.conversations.list()).map(({ sid }) => sid)).toEqual(sids);
    const ofUser = await users("u1").userConversations.list();
    const ofIdentity = await participantConversations.list({ identity: "u1" });
    for (const list of [ofUser, ofIdentity])
      expect(list.map(({ conversationSid }) => conversationSid)).toEqual(sorted);
  });

  it("with a token of another list, or of other filters, is refused with 21481", async () => {
    const account = fixture.current;
    for (let i = 0; i < 3; i += 1) await account.conversations.create();
    const { meta } = await readOn(account, "/v1/Conversations?PageSize=1");
    const token = new URL(String(meta.next_page_url)).searchParams.get("PageToken");
    const other = await account.rest("GET", `/v1/Conversations?State=active&PageSize=1&PageToken=${token}`);
    expect(other).toMatchObject({ status: 400, body: { code: 21481 } });
    const same = await account.rest("GET", `/v1/Conversations?PageSize=1&PageToken=${token}`);
    expect(same.status).toBe(200);
  });
});
