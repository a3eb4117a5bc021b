import { scryptSync } from "node:crypto";
import * as fc from "fast-check";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import type { EventQueue } from "../../tools/local/lambda/event-queue.ts";
import { isObject, parseJson } from "../conformance/check/json.ts";
import { expectConsistency, expectPairsHeld } from "../conformance/fuzz/consistency.ts";
import { spoiledRequests } from "../conformance/fuzz/mutations.ts";
import { Sids } from "../conformance/fuzz/sids.ts";
import type { Exchange } from "../conformance/recorder.ts";
import { runScenarios } from "../conformance/run/scenarios.ts";
import { allScenarios } from "../conformance/scenarios/all.ts";
import { limits } from "../conformance/scenarios/limits.ts";
import { type RawRequest, send } from "../conformance/send.ts";
import { variablesOf } from "../faults/settings.ts";
import { type BundleAnswer, loadBundles } from "./bundles.ts";
import { handlerPlans, type Plan, toRequest } from "./handler-requests.ts";

/** Of five requests, so many go to the bundles, and the others to the emulator. */
const TO_BUNDLES = 2;

const shortened = (_: string, value: unknown): unknown =>
  typeof value === "string" && value.length > 500
    ? `${value.slice(0, 500)}… (${value.length} characters)`
    : value;

/** A request after which an invariant did not hold. */
export class Failure extends Error {
  constructor(reason: string, seed: number, request: object) {
    super(`${reason}\n  seed ${seed}\n  ${JSON.stringify(request, shortened)}`);
  }
}

/** A 5xx that says what it means to: the event of a conversation that is not whole yet. */
const INTENDED = '"code":"not_there_yet"';
/** What the consumer logs about an event that is malformed. */
const isMalformedEvent = (line: string): boolean =>
  line.includes('"event_not_handled"') && /"status":4\d\d\b/.test(line);
const LONGEST_LINE = 130_000;
const LONGEST_ANSWER = 64 * 1_024;

/** Alice with the password of the page of `token-service`, hashed with the least cost. */
const TOKEN_SERVICE_USERS = JSON.stringify({
  alice: `scrypt$2$${Buffer.alloc(16).toString("base64url")}$${scryptSync("wonderland", Buffer.alloc(16), 32, { N: 2 }).toString("base64url")}`,
});

/** What the requests of a process go to. */
export interface Target {
  readonly emulator: Emulator;
  readonly queue: EventQueue;
  readonly corpus: readonly Exchange[];
  readonly plans: fc.Arbitrary<Plan>;
  readonly defects: readonly string[];
}

/**
 * Starts an emulator, and loads all bundles into this process.
 *
 * @param isForBundlesAlone whether the emulator's own operations are left to other tests.
 */
export async function startTarget(isForBundlesAlone: boolean): Promise<Target> {
  const scenarios = allScenarios.filter((scenario) => !limits.includes(scenario));
  const { exchanges } = await runScenarios(isForBundlesAlone ? [] : scenarios);
  const corpus = exchanges.filter(({ status }) => status !== 401);
  const defects: string[] = [];
  const log = (line: string) => void (line.startsWith("defect") && defects.push(line));
  const emulator = await startEmulator({ clock: "manual", startTime: Date.now(), log });
  const { bundles, queue } = await loadBundles({ ...variablesOf(emulator), TOKEN_SERVICE_USERS });
  return { emulator, queue, corpus, plans: await handlerPlans(bundles), defects };
}

/** Requests with one seed. */
export interface Chunk {
  readonly requests: number;
  readonly seed: number;
}

/**
 * Sends random and spoiled requests, from an empty account on, so that the seed alone decides what happens.
 *
 * @param progress is called after each request.
 * @throws {Failure} for a crash, an unintended 5xx, an answer that is not of its form, a secret in answer or log, or a state that
 *   contradicts itself.
 */
export async function fuzzChunk(
  target: Target,
  { requests, seed }: Chunk,
  progress: () => void,
): Promise<void> {
  const { emulator, queue, corpus, plans, defects } = target;
  await emulator.reset();
  queue.clear();
  // Without its API key, service and numbers every request of the bundles fails, as it must. The service is also the default one.
  const sids = new Sids([emulator.apiKeySid, emulator.chatServiceSid, ...(await numberSidsOf(emulator))]);
  const own = new Sids();
  await populate(emulator, corpus, sids);
  own.note(await addTemplate(emulator));
  const toBundles = corpus.length === 0 ? requests : Math.ceil((requests * TO_BUNDLES) / 5);
  const [toHandlers, toEmulator] = [
    fc.sample(plans, { seed, numRuns: toBundles }),
    toBundles === requests ? [] : fc.sample(spoiledRequests(corpus), { seed, numRuns: requests - toBundles }),
  ];
  for (let index = 0; index < requests; index++) {
    const plan = corpus.length === 0 || index % 5 < TO_BUNDLES ? toHandlers.pop() : undefined;
    const raw = plan ? undefined : toEmulator.pop();
    if (plan && index % CONVERSATION_EVERY < 5) own.note(await addConversation(emulator, index));
    if (plan) await tryBundle(target, plan, own, { seed, index });
    else if (raw) await tryEmulator(emulator, sids.point(raw, index), sids, seed);
    if (defects.length > 0) throw new Failure(defects.join("\n"), seed, raw ?? shown(plan));
    progress();
  }
  await emulator.settle();
  await expectNoContradiction(emulator, seed);
}

/** The SIDs of the account's numbers. */
async function numberSidsOf(emulator: Emulator): Promise<readonly string[]> {
  const url = `/2010-04-01/Accounts/${emulator.accountSid}/IncomingPhoneNumbers.json`;
  const { text } = await send(emulator, {
    method: "GET",
    host: "api.twilio.com",
    url,
    headers: {},
    body: "",
  });
  const { incoming_phone_numbers: numbers } = parseJson(text) as {
    readonly incoming_phone_numbers: readonly { readonly sid: string }[];
  };
  return numbers.map(({ sid }) => sid);
}

const shown = (plan: Plan | undefined): object =>
  plan === undefined
    ? {}
    : { platform: plan.bundle.platform, endpoint: plan.bundle.endpoint.name, ...plan, bundle: undefined };

/** Gives the emulator something of everything, by the requests that made it in the suite. */
async function populate(emulator: Emulator, corpus: readonly Exchange[], sids: Sids): Promise<void> {
  const creations = corpus.filter(({ status }) => status === 201 || status === 202);
  for (const { method, host, url, requestHeaders, requestBody } of creations) {
    const headers = { "Content-Type": requestHeaders["content-type"] ?? "" };
    sids.note((await send(emulator, sids.point({ method, host, url, headers, body: requestBody }, 0))).text);
  }
}

/** The bundles' requests are about conversations of their service that still exist, most of them. */
const CONVERSATION_EVERY = 50;

/** A conversation with a chat user, a person and a message, in the bundles' service. @returns Twilio's answers. */
async function addConversation(emulator: Emulator, index: number): Promise<string> {
  const base = `/v1/Services/${emulator.chatServiceSid}/Conversations`;
  const post = async (url: string, form: Record<string, string>) => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(form).toString();
    return (await send(emulator, { method: "POST", host: "conversations.twilio.com", url, headers, body }))
      .text;
  };
  const conversation = await post(base, {});
  const { sid } = parseJson(conversation) as { readonly sid: string };
  const isWhatsapp = index % 2 === 0;
  const texts = await Promise.all([
    // Not in all: to erase her data takes some requests for each of her conversations.
    post(`${base}/${sid}/Participants`, { Identity: index % 4 === 0 ? "alice" : `user-${index}` }),
    post(`${base}/${sid}/Participants`, {
      "MessagingBinding.Address": `${isWhatsapp ? "whatsapp:" : ""}+1555${String(1_000_000 + index)}`,
      "MessagingBinding.ProxyAddress": isWhatsapp ? emulator.whatsappNumber : emulator.smsNumber,
    }),
    post(`${base}/${sid}/Messages`, { Author: "alice", Body: "Hello" }),
  ]);
  return [conversation, ...texts].join("\n");
}

/** An approved template for WhatsApp. @returns Twilio's answer. */
async function addTemplate(emulator: Emulator): Promise<string> {
  const content = {
    friendly_name: "a_template",
    language: "en",
    types: { "twilio/text": { body: "Hi {{1}}" } },
  };
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ ...content, variables: { 1: "Robert" } });
  const request = { method: "POST", host: "content.twilio.com", url: "/v1/Content", headers, body };
  const { text } = await send(emulator, request);
  const { sid } = parseJson(text) as { readonly sid: string };
  const approval = JSON.stringify({ status: "approved" });
  await fetch(`${emulator.controlUrl}/content/${sid}/approval`, { method: "POST", body: approval });
  return text;
}

async function tryEmulator(emulator: Emulator, request: RawRequest, sids: Sids, seed: number): Promise<void> {
  const { status, contentType, text } = await send(emulator, request);
  const failure = (reason: string) =>
    new Failure(reason, seed, {
      ...request,
      body: request.body.toString(),
      status,
      text: text.slice(0, 500),
    });
  if (status >= 500 && status !== 501) throw failure(`The emulator answered ${status}.`);
  sids.note(text);
  if (text === "" || status < 400) return;
  const error = parseJson(text);
  const isError = isObject(error) && error.status === status && typeof error.code === "number";
  if (!isError || !contentType?.startsWith("application/json"))
    throw failure("This is no error of Twilio's.");
}

async function tryBundle(
  { emulator, queue }: Target,
  plan: Plan,
  sids: Sids,
  { seed, index }: { readonly seed: number; readonly index: number },
): Promise<void> {
  const pointed = sids.point({ method: plan.method, host: "", url: "", headers: {}, body: plan.body }, index);
  const request = await toRequest({ ...plan, body: pointed.body.toString() }, emulator.authToken);
  const lines: string[] = [];
  const answer = await captured(lines, () => plan.bundle.call(request)).catch((error: unknown) => {
    throw new Failure(`The bundle threw: ${error instanceof Error ? error.stack : error}`, seed, shown(plan));
  });
  await emulator.settle();
  // The queue repeats what the consumer refuses, and in the end puts it aside.
  const isRefused = lines.some((line) => line.includes(INTENDED) || isMalformedEvent(line));
  if (isRefused) queue.deadLetters.splice(0);
  const isGivenUp = queue.deadLetters.length > 0;
  const problem = isGivenUp ? "The queue has given an event up." : problemOf(answer, lines, plan, emulator);
  if (problem)
    throw new Failure(`${problem}\n  ${lines.join("").slice(0, 4_000)}`, seed, { ...shown(plan), answer });
  sids.note(answer.body);
}

function problemOf(
  { status, headers, body }: BundleAnswer,
  lines: readonly string[],
  { bundle }: Plan,
  { authToken, apiKeySecret }: Emulator,
): string | undefined {
  const answer = parseJson(body);
  const code = isObject(answer) ? String(answer.code) : "";
  const isIntended = [body, ...lines].some((text) => text.includes(INTENDED));
  if (!(status >= 200 && status < 600)) return `The answer's status is ${status}.`;
  if (status >= 500 && !isIntended) return `The bundle answered ${status} ${code}.`;
  if (status >= 400 && !isIntended && !(isObject(answer) && answer.status === "error"))
    return "This is no error of Parley's.";
  if (Object.values(headers).some((value) => /[\r\n\0]/.test(value))) return "A header has a line break.";
  if (body.length > LONGEST_ANSWER && bundle.endpoint.name !== "webhooks/pre-event")
    return `The answer is ${body.length} characters long.`;
  if (lines.some((line) => line.length > LONGEST_LINE)) return "A log line is too long.";
  const secrets = [authToken, apiKeySecret];
  if (secrets.some((secret) => [body, ...lines].some((text) => text.includes(secret))))
    return "A secret is in the answer or the log.";
  return undefined;
}

/** Collects what is written to standard output and the console meanwhile. */
async function captured<Result>(lines: string[], act: () => Promise<Result>): Promise<Result> {
  const { write } = process.stdout;
  const { info, warn, error } = console;
  const collect = (line: unknown) => {
    lines.push(String(line));
    return true;
  };
  process.stdout.write = collect;
  Object.assign(console, { info: collect, warn: collect, error: collect });
  try {
    return await act();
  } finally {
    process.stdout.write = write;
    Object.assign(console, { info, warn, error });
  }
}

async function expectNoContradiction(emulator: Emulator, seed: number): Promise<void> {
  await expectConsistency(emulator)
    .then(() => expectPairsHeld(emulator))
    .catch((error: unknown) => {
      throw new Failure(`The state contradicts itself: ${error}`, seed, {});
    });
}
