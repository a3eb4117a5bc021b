import assert from "node:assert/strict";
import type { EmulatorInfo } from "../../../emulator/emulator.ts";
import { isObject, parseJson } from "../check/json.ts";
import { type RawAnswer, send } from "../send.ts";

type Member = Readonly<Record<string, unknown>>;

/**
 * Reads all resources of the REST API and expects them to be consistent: every list can be followed to its
 * end and contains each member once, every member is the same at its URL and in its list, and can be found by its
 * unique name, identity or address.
 */
export async function expectConsistency(info: EmulatorInfo): Promise<void> {
  for (const { sid } of await list(info, "/v1/Services")) await expectService(info, `/v1/Services/${sid}`);
  await expectService(info, "/v1");
  for (const path of ["/v1/Credentials", "/v1/Configuration/Addresses"]) await list(info, path);
  await list(info, "/v1/Content", "content.twilio.com");
}

/**
 * Expects that every pair of address and proxy address of an open conversation is taken, and that those of closed
 * conversations are free, by trying each in a new conversation.
 */
export async function expectPairsHeld(info: EmulatorInfo): Promise<void> {
  const taken = new Map<string, boolean>();
  for (const { sid: serviceSid } of await list(info, "/v1/Services"))
    for (const { sid, state } of await list(info, `/v1/Services/${serviceSid}/Conversations`)) {
      const path = `/v1/Services/${serviceSid}/Conversations/${sid}/Participants`;
      for (const { messaging_binding: binding } of await list(info, path)) {
        if (!isObject(binding) || !binding.address || !binding.proxy_address) continue;
        const pair = new URLSearchParams({
          "MessagingBinding.Address": String(binding.address),
          "MessagingBinding.ProxyAddress": String(binding.proxy_address),
        }).toString();
        taken.set(pair, taken.get(pair) === true || state !== "closed");
      }
    }
  for (const [pair, isTaken] of taken) {
    const { text } = await post(info, "/v1/Conversations", "");
    const { sid } = parseJson(text) as { sid: string };
    const { status } = await post(info, `/v1/Conversations/${sid}/Participants`, pair);
    // 403 if the account has released the number since.
    if (status !== 403) assert.deepEqual({ pair, status }, { pair, status: isTaken ? 409 : 201 });
  }
}

function post(info: EmulatorInfo, url: string, body: string): Promise<RawAnswer> {
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  return send(info, { method: "POST", host: "conversations.twilio.com", url, headers, body });
}

async function expectService(info: EmulatorInfo, base: string): Promise<void> {
  const memberships = new Map<string, Set<string>>();
  // "Participant Conversation Resource", warning: an identity that was set later finds no projected address.
  const projected = new Set<string>();
  for (const conversation of await list(info, `${base}/Conversations`)) {
    for (const { identity, ...participant } of await expectConversation(info, base, conversation)) {
      if (typeof identity !== "string") continue;
      const { messaging_binding: binding } = participant;
      if (isObject(binding) && binding.projected_address)
        projected.add(`${identity} ${participant.conversation_sid}`);
      const joined = memberships.get(identity) ?? new Set();
      memberships.set(identity, joined.add(String(participant.conversation_sid)));
    }
  }
  const users = await list(info, `${base}/Users`);
  for (const user of users) {
    const identity = String(user.identity);
    assert.deepEqual(await fetchJson(info, `${base}/Users/${encodeURIComponent(identity)}`), user);
    const joined = [...(memberships.get(identity) ?? [])].sort();
    assert.deepEqual(conversationsOf(await list(info, `${base}/Users/${user.sid}/Conversations`)), joined);
    const byIdentity = `${base}/ParticipantConversations?Identity=${encodeURIComponent(identity)}`;
    const found = conversationsOf(await list(info, byIdentity));
    assert.deepEqual(
      found,
      joined.filter((sid) => found.includes(sid) || !projected.has(`${identity} ${sid}`)),
    );
  }
  const identities = users.map(({ identity }) => identity);
  assert.equal(new Set(identities).size, identities.length, "every identity has one user");
  await list(info, `${base}/Roles`);
}

/** Returns the participants. */
async function expectConversation(info: EmulatorInfo, base: string, conversation: Member): Promise<Member[]> {
  const path = `${base}/Conversations/${conversation.sid}`;
  const { unique_name: uniqueName } = conversation;
  if (typeof uniqueName === "string" && uniqueName !== "")
    assert.deepEqual(
      await fetchJson(info, `${base}/Conversations/${encodeURIComponent(uniqueName)}`),
      conversation,
    );
  const messages = await list(info, `${path}/Messages`);
  const indexes = messages.map(({ index }) => Number(index));
  assert.deepEqual(
    indexes,
    [...new Set(indexes)].sort((a, b) => a - b),
  );
  for (const { sid } of messages) await list(info, `${path}/Messages/${sid}/Receipts`);
  await list(info, `${path}/Webhooks`);
  const participants = await list(info, `${path}/Participants`);
  for (const participant of participants) {
    const { identity } = participant;
    if (typeof identity === "string")
      assert.deepEqual(
        await fetchJson(info, `${path}/Participants/${encodeURIComponent(identity)}`),
        participant,
      );
  }
  const identities = participants.flatMap(({ identity }) => (identity === null ? [] : [identity]));
  assert.equal(new Set(identities).size, identities.length, "nobody takes part twice");
  return participants;
}

function conversationsOf(conversations: readonly Member[]): string[] {
  return conversations.map((conversation) => String(conversation.conversation_sid)).sort();
}

/** All members of a list, in pages of three. Each is expected to be the same at its own URL. */
async function list(info: EmulatorInfo, path: string, host = "conversations.twilio.com"): Promise<Member[]> {
  const members: Member[] = [];
  const first = `${path}${path.includes("?") ? "&" : "?"}PageSize=3`;
  for (let next: string | null = first; next !== null; ) {
    const answer = await get(info, next, host);
    assert.equal(answer.status, 200, next);
    const page = parseJson(answer.text) as { meta: { key: string; next_page_url: string | null } } & Member;
    members.push(...(page[page.meta.key] as Member[]));
    next = page.meta.next_page_url === null ? null : pathOf(page.meta.next_page_url);
  }
  const distinct = new Set(members.map((member) => JSON.stringify(member)));
  assert.equal(distinct.size, members.length, `${path} has every member once`);
  for (const member of members)
    if (typeof member.url === "string")
      assert.deepEqual(await fetchJson(info, pathOf(member.url), host), member);
  return members;
}

async function fetchJson(info: EmulatorInfo, path: string, host?: string): Promise<unknown> {
  const { status, text } = await get(info, path, host);
  const value = parseJson(text);
  assert.deepEqual({ path, status, isObject: isObject(value) }, { path, status: 200, isObject: true });
  return value;
}

function get(info: EmulatorInfo, url: string, host = "conversations.twilio.com"): Promise<RawAnswer> {
  return send(info, { method: "GET", host, url, headers: {}, body: "" });
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
