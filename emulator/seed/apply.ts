import { answerApi } from "../api/answer.ts";
import { decideApproval } from "../domain/content.ts";
import { approvalStatuses } from "../domain/model.ts";
import { addNumber } from "../domain/numbers.ts";
import { FaultError } from "../faults/fields.ts";
import { readHost } from "../http/host.ts";
import type { Runtime } from "../runtime.ts";
import { type Item, readItem, SeedError } from "./fields.ts";
import { seedDocument } from "./kinds.ts";

/**
 * Fills a new life with what a seed lists: each object by the request that creates it, under the same rules, in the
 * order of the seed. Throws a {@link SeedError}; then the life is no good.
 */
export async function applySeed(runtime: Runtime, document: unknown): Promise<void> {
  const seed = readItem(document, "", seedDocument, new Set());
  const requests = new Requests(runtime);
  for (const number of seed.children("numbers")) createNumber(runtime, number);
  for (const flow of seed.children("flows")) await requests.create("/v2/Flows", flow);
  for (const content of seed.children("contents")) await createContent(runtime, requests, content);
  if (seed.parameters.length > 0) {
    const targets = seed.parameters.map(([name, value]): [string, string] => [
      name.slice("Webhooks.".length),
      value,
    ]);
    await requests.post("/v1/Configuration/Webhooks", "webhooks", targets);
  }
  await fillService(requests, "/v1", seed);
  for (const service of seed.children("services")) {
    const { sid } = await requests.create("/v1/Services", service);
    await fillService(requests, `/v1/Services/${sid}`, service);
  }
  for (const address of seed.children("addresses"))
    await requests.create("/v1/Configuration/Addresses", address);
  for (const [i, fault] of seed.items("faults").entries()) addFault(runtime, fault, `faults[${i}]`);
}

function addFault({ faults }: Runtime, fault: unknown, path: string): void {
  try {
    faults.add(fault);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new SeedError(error.field === "" ? path : `${path}.${error.field}`, error.message);
  }
}

async function fillService(requests: Requests, base: string, seed: Item): Promise<void> {
  for (const role of seed.children("roles")) await requests.create(`${base}/Roles`, role);
  for (const user of seed.children("users")) await requests.create(`${base}/Users`, user);
  for (const conversation of seed.children("conversations")) {
    await createConversation(requests, `${base}/Conversations`, conversation);
  }
}

/** The state comes last: what is closed takes neither participants nor messages. */
async function createConversation(requests: Requests, path: string, conversation: Item): Promise<void> {
  const state = conversation.parameters.filter(([name]) => name === "State");
  const parameters = conversation.parameters.filter(([name]) => name !== "State");
  const { sid } = await requests.create(path, { ...conversation, parameters });
  for (const participant of conversation.children("participants"))
    await requests.create(`${path}/${sid}/Participants`, participant);
  for (const message of conversation.children("messages"))
    await requests.create(`${path}/${sid}/Messages`, message);
  for (const webhook of conversation.children("webhooks"))
    await requests.create(`${path}/${sid}/Webhooks`, webhook);
  if (state.length > 0) await requests.post(`${path}/${sid}`, `${conversation.path}.state`, state);
}

function createNumber({ world }: Runtime, { path, sid, parameters }: Item): void {
  const [[, address] = ["", ""]] = parameters;
  if (world.numbers.has(address)) throw new SeedError(path, `the account has ${address} already`);
  if (sid !== undefined) world.ids.reserve(sid);
  const number = addNumber(world, address);
  if (number === undefined) throw new SeedError(`${path}.address`, "must be a number in E.164 form");
  if (sid !== undefined && number.sid !== sid)
    throw new SeedError(`${path}.sid`, `must begin with ${number.sid.slice(0, 2)} for this channel`);
}

/** The approval is WhatsApp's word: `status`, and what goes with it. */
async function createContent({ world }: Runtime, requests: Requests, content: Item): Promise<void> {
  const { sid } = await requests.createJson("/v1/Content", content, {
    friendly_name: content.parameters.find(([name]) => name === "FriendlyName")?.[1],
    language: content.parameters.find(([name]) => name === "Language")?.[1],
    variables: toObject(content.objects.get("variables")),
    types: toObject(content.objects.get("types")),
  });
  const approval = content.objects.get("approval");
  const created = world.contents.get(sid);
  if (approval === undefined || created === undefined) return;
  const path = `${content.path}.approval`;
  const stranger = [...approval.keys()].find((name) => name !== "status" && name !== "rejectionReason");
  if (stranger !== undefined)
    throw new SeedError(`${path}.${stranger}`, "unknown field; known are status, rejectionReason");
  const status = approvalStatuses.find((known) => known === approval.get("status"));
  if (status === undefined)
    throw new SeedError(`${path}.status`, `must be one of ${approvalStatuses.join(", ")}`);
  const reason = approval.get("rejectionReason") ?? "";
  if (typeof reason !== "string") throw new SeedError(`${path}.rejectionReason`, "must be text");
  decideApproval(created, status, reason);
}

function toObject(entries: ReadonlyMap<string, unknown> | undefined): object | undefined {
  return entries === undefined ? undefined : Object.fromEntries(entries);
}

interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly details?: { readonly errors: readonly { property_path: string; message: string }[] };
}

/** Requests to the account's own REST API, without webhooks. */
class Requests {
  readonly #runtime: Runtime;
  readonly #authorization: string;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const { sid, authToken } = runtime.world.account;
    this.#authorization = `Basic ${Buffer.from(`${sid}:${authToken}`).toString("base64")}`;
  }

  create(url: string, item: Item): Promise<{ readonly sid: string }> {
    this.#reserve(item);
    return this.post(url, item.path, item.parameters);
  }

  createJson(url: string, item: Item, body: object): Promise<{ readonly sid: string }> {
    this.#reserve(item);
    return this.#send(url, item.path, "application/json", JSON.stringify(body));
  }

  post(url: string, path: string, parameters: Item["parameters"]): Promise<{ readonly sid: string }> {
    const form = new URLSearchParams(parameters);
    return this.#send(url, path, "application/x-www-form-urlencoded", form.toString());
  }

  #reserve({ sid }: Item): void {
    if (sid !== undefined) this.#runtime.world.ids.reserve(sid);
  }

  async #send(url: string, path: string, contentType: string, body: string) {
    const headers = { authorization: this.#authorization, "content-type": contentType };
    const host = readHost("localhost", "localhost");
    const reply = await answerApi(this.#runtime, { method: "POST", url, headers, body }, host);
    if (reply.status < 300) return reply.body as { readonly sid: string };
    const { code, message, details } = reply.body as Refusal;
    const [first] = details?.errors ?? [];
    const reason = first === undefined ? "" : `: ${first.property_path} ${first.message}`;
    throw new SeedError(path, `${message} (${code})${reason}`);
  }
}
