import type { Service } from "../domain/account-model.ts";
import { createChannel } from "../domain/chat-channels.ts";
import { decideApproval } from "../domain/content.ts";
import { ApiError } from "../domain/errors.ts";
import { addNumber } from "../domain/numbers.ts";
import { InputError, readInput } from "../input.ts";
import type { Runtime } from "../runtime.ts";
import { type Item, Requests } from "./requests.ts";
import { type Seed, seedDocument } from "./schema.ts";

type Contents = Pick<Seed, "roles" | "users" | "conversations" | "channels">;

/**
 * Creates the objects of a seed in a new account, in the order of the seed, each by a request, which is checked like
 * any other. Throws an {@link InputError}; the runtime cannot be used afterwards.
 */
export async function applySeed(runtime: Runtime, document: unknown): Promise<void> {
  const seed = readInput(seedDocument, document);
  const requests = new Requests(runtime);
  for (const number of itemsOf(seed.numbers, "numbers")) createNumber(runtime, requests, number);
  for (const flow of itemsOf(seed.flows, "flows")) await requests.create("/v2/Flows", flow);
  for (const content of itemsOf(seed.contents, "contents")) await createContent(runtime, requests, content);
  if (seed.webhooks !== undefined)
    await requests.post("/v1/Configuration/Webhooks", { path: "webhooks", fields: seed.webhooks });
  const { resources } = runtime;
  await fillService(requests, "/v1", seed, "");
  createChannels(runtime, requests, resources.defaultService, itemsOf(seed.channels, "channels"));
  for (const { path, fields } of itemsOf(seed.services, "services")) {
    const { roles, users, conversations, channels, ...service } = fields;
    const { sid } = await requests.create("/v1/Services", { path, fields: service });
    await fillService(requests, `/v1/Services/${sid}`, { roles, users, conversations }, `${path}.`);
    const created = resources.services.get(sid);
    if (created !== undefined)
      createChannels(runtime, requests, created, itemsOf(channels, `${path}.channels`));
  }
  for (const address of itemsOf(seed.addresses, "addresses"))
    await requests.create("/v1/Configuration/Addresses", address);
  for (const fault of itemsOf(seed.faults, "faults")) addFault(runtime, fault);
}

function addFault({ faults }: Runtime, { path, fields }: Item<unknown>): void {
  try {
    faults.add(fields);
  } catch (error) {
    throw error instanceof InputError ? error.within(path) : error;
  }
}

function itemsOf<Fields>(list: readonly Fields[], path: string): readonly Item<Fields>[] {
  return list.map((fields, i) => ({ path: `${path}[${i}]`, fields }));
}

async function fillService(
  requests: Requests,
  base: string,
  seed: Omit<Contents, "channels">,
  path: string,
): Promise<void> {
  for (const role of itemsOf(seed.roles, `${path}roles`)) await requests.create(`${base}/Roles`, role);
  for (const user of itemsOf(seed.users, `${path}users`)) await requests.create(`${base}/Users`, user);
  for (const conversation of itemsOf(seed.conversations, `${path}conversations`))
    await createConversation(requests, `${base}/Conversations`, conversation);
}

/** The API cannot create channels any more. */
function createChannels(
  { resources }: Runtime,
  requests: Requests,
  service: Service,
  channels: readonly Item<Contents["channels"][number]>[],
): void {
  for (const { path, fields } of channels) {
    const { sid, friendlyName, uniqueName, attributes, members, messages } = fields;
    requests.reserve(path, sid);
    try {
      createChannel(resources, service, { friendlyName, uniqueName, attributes, members, messages });
    } catch (error) {
      throw error instanceof ApiError ? new InputError(path, `${error.message} (${error.code})`) : error;
    }
  }
}

/** Sets the state last: a closed conversation accepts neither participants nor messages. */
async function createConversation(
  requests: Requests,
  url: string,
  { path, fields }: Item<Seed["conversations"][number]>,
): Promise<void> {
  const { state, participants, messages, webhooks, ...conversation } = fields;
  const { sid } = await requests.create(url, { path, fields: conversation });
  for (const participant of itemsOf(participants, `${path}.participants`))
    await requests.create(`${url}/${sid}/Participants`, participant);
  for (const message of itemsOf(messages, `${path}.messages`))
    await requests.create(`${url}/${sid}/Messages`, message);
  for (const webhook of itemsOf(webhooks, `${path}.webhooks`))
    await requests.create(`${url}/${sid}/Webhooks`, webhook);
  if (state !== undefined) await requests.post(`${url}/${sid}`, { path: `${path}.state`, fields: { state } });
}

function createNumber(
  { resources }: Runtime,
  requests: Requests,
  { path, fields: { sid, address } }: Item<Seed["numbers"][number]>,
): void {
  if (resources.numbers.has(address)) throw new InputError(path, `the account has ${address} already`);
  requests.reserve(path, sid);
  const number = addNumber(resources, address);
  if (number === undefined) throw new InputError(`${path}.address`, "must be a number in E.164 form");
  if (sid !== undefined && number.sid !== sid)
    throw new InputError(`${path}.sid`, `must begin with ${number.sid.slice(0, 2)} for this channel`);
}

/** The approval is WhatsApp's decision, which the API cannot set. */
async function createContent(
  { resources }: Runtime,
  requests: Requests,
  { path, fields }: Item<Seed["contents"][number]>,
): Promise<void> {
  const { sid, friendlyName, language, variables, types, approval } = fields;
  requests.reserve(path, sid);
  const body = { friendly_name: friendlyName, language, variables, types };
  const created = await requests.postJson("/v1/Content", path, body);
  const content = resources.contents.get(created.sid);
  if (approval !== undefined && content !== undefined)
    decideApproval(content, approval.status, approval.rejectionReason);
}
