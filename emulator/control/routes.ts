import * as v from "valibot";
import { pageFile } from "../console/files.ts";
import { isoMillis, parseIsoDate } from "../dates.ts";
import { verifyAccessToken } from "../domain/access-token.ts";
import { decideApproval } from "../domain/content.ts";
import { approvalStatuses } from "../domain/model.ts";
import type { HttpResponse } from "../http/response.ts";
import { Router } from "../http/router.ts";
import { closed, duration, flag, InputError, oneOf, optional, text } from "../input.ts";
import { readSnapshot, takeSnapshot } from "../store/snapshot.ts";
import { changeTask, listAgents, listTasks, setAgent } from "./agents.ts";
import type { ControlHandler, ControlRoute } from "./call.ts";
import { createChatChannel } from "./channels.ts";
import { listConversations, readConversation } from "./conversations.ts";
import { createBinding, cutSessions, listPushes, listSessions, setPresence } from "./devices.ts";
import { addFault, listFaults, removeFault, removeFaults } from "./faults.ts";
import { drawPicture, listFlows, readFlow } from "./flows.ts";
import { ControlError, parseJson, readBody } from "./input.ts";
import { createNumber, listNumbers, switchAutocreation } from "./numbers.ts";
import { changePhone, fetchPhone, listPhones, readInbox, readMessages, sendFromPhone } from "./phones.ts";
import { changeRules, listRules, registerCampaign } from "./rules.ts";
import { openStream } from "./stream.ts";
import { listWebhookRules, removeWebhookRules, setWebhookRule } from "./webhook-rules.ts";
import { listWebhooks, readWebhook, redeliverWebhook } from "./webhooks.ts";

const clockInput = closed({ mode: optional(oneOf(["real", "manual"])), now: optional(text) });
const advanceInput = closed({ duration, settle: v.nullish(flag, true) });
const approvalInput = closed({ status: oneOf(approvalStatuses), rejectionReason: optional(text) });
const tokenInput = closed({ token: text });

const readInfo: ControlHandler = ({ info }) => ok(info);

const readClock: ControlHandler = ({ runtime: { clock } }) =>
  ok({ mode: clock.mode, now: isoMillis(clock.now()) });

/** `mode` switches between real and manual; `now` advances the clock to this time. */
const setClock: ControlHandler = async (call) => {
  const { runtime } = call;
  const { mode, now: moment } = readBody(call.body, clockInput);
  const target = moment === undefined ? undefined : parseIsoDate(moment);
  if (moment !== undefined && target === undefined)
    throw new InputError("now", "must be an ISO 8601 date and time");
  if (target !== undefined && target < runtime.clock.now())
    throw new InputError("now", "time does not run backwards");
  if (mode !== undefined) runtime.clock.setMode(mode);
  if (target !== undefined) await runtime.advance(Math.max(target - runtime.clock.now(), 0));
  return readClock(call);
};

const advanceClock: ControlHandler = async (call) => {
  const input = readBody(call.body, advanceInput);
  await call.runtime.advance(input.duration, input.settle);
  return readClock(call);
};

const settle: ControlHandler = async ({ runtime }) => {
  await runtime.settle();
  return ok({ settled: true, now: isoMillis(runtime.clock.now()) });
};

const reset: ControlHandler = async ({ body, reset: begin }) => {
  const seed = body === "" ? undefined : parseJson(body);
  await begin(seed);
  return ok({ reset: true });
};

const snapshot: ControlHandler = ({ runtime }) => ({
  status: 200,
  headers: { "Content-Type": "application/json; charset=utf-8" },
  stream({ write, end }) {
    for (const chunk of takeSnapshot(runtime)) write(chunk);
    end();
    return () => {};
  },
});

const restore: ControlHandler = async ({ body, restore: goOn }) => {
  await goOn(readSnapshot(parseJson(body)));
  return ok({ restored: true });
};

const listTimeline: ControlHandler = ({ runtime }) => ok({ timeline: runtime.timeline.entries() });

const decideTemplate: ControlHandler = ({ runtime, params, body }) => {
  const content = runtime.resources.contents.get(params.get("sid") ?? "");
  if (content === undefined) throw new ControlError(404, `There is no content template ${params.get("sid")}`);
  const { status, rejectionReason } = readBody(body, approvalInput);
  const approval = decideApproval(content, status, rejectionReason ?? "");
  return ok({ contentSid: content.sid, ...approval });
};

const checkToken: ControlHandler = ({ runtime, body }) => {
  const { token } = readBody(body, tokenInput);
  const { identity, service, expiresAt } = verifyAccessToken(runtime.resources, token);
  return ok({ valid: true, identity, serviceSid: service.sid, expiresAt: isoMillis(expiresAt) });
};

const showConsole: ControlHandler = ({ params }) => showPage(params.get("file") ?? "index.html");

function showPage(file: string): HttpResponse {
  const reply = pageFile(file);
  if (reply === undefined) throw new ControlError(404, `The console has no file ${file}`);
  return reply;
}

/** The control API, documented in docs/control-api.md, and the console, which uses it. */
export const controlRouter = new Router<ControlRoute>();

/** Adds a route with the parameters that its query may have. */
function add(method: string, template: string, handler: ControlHandler, ...queryFields: string[]): void {
  controlRouter.add(method, template, { handler, queryFields });
}

/** Adds a page, whose query its script reads. */
function addPage(template: string, handler: ControlHandler): void {
  controlRouter.add("GET", template, { handler, queryFields: undefined });
}

add("GET", "/_emulator/info", readInfo);
add("GET", "/_emulator/clock", readClock);
add("POST", "/_emulator/clock", setClock);
add("POST", "/_emulator/clock/advance", advanceClock);
add("POST", "/_emulator/settle", settle);
add("POST", "/_emulator/reset", reset);
add("GET", "/_emulator/snapshot", snapshot);
add("POST", "/_emulator/restore", restore);
add("GET", "/_emulator/numbers", listNumbers);
add("POST", "/_emulator/numbers", createNumber);
add("POST", "/_emulator/messaging-services/{sid}", switchAutocreation);
add("POST", "/_emulator/channels", createChatChannel);
add("GET", "/_emulator/phones", listPhones);
add("GET", "/_emulator/phones/{address}", fetchPhone);
add("POST", "/_emulator/phones/{address}", changePhone);
add("POST", "/_emulator/phones/{address}/read", readMessages);
add("GET", "/_emulator/phones/{address}/messages", readInbox, "last");
add("POST", "/_emulator/phones/{address}/messages", sendFromPhone);
add("GET", "/_emulator/rules", listRules);
add("POST", "/_emulator/rules", changeRules);
add("POST", "/_emulator/campaigns", registerCampaign);
add("POST", "/_emulator/content/{sid}/approval", decideTemplate);
add("POST", "/_emulator/tokens", checkToken);
add("POST", "/_emulator/users/{identity}/bindings", createBinding);
add("POST", "/_emulator/users/{identity}/presence", setPresence);
add("GET", "/_emulator/sessions", listSessions);
add("DELETE", "/_emulator/sessions/{identity}", cutSessions);
add("GET", "/_emulator/pushes", listPushes, "identity");
add("GET", "/_emulator/faults", listFaults);
add("POST", "/_emulator/faults", addFault);
add("DELETE", "/_emulator/faults", removeFaults);
add("DELETE", "/_emulator/faults/{id}", removeFault);
add("GET", "/_emulator/timeline", listTimeline);
add("GET", "/_emulator/webhooks", listWebhooks, "conversationSid", "event", "failed", "after", "last");
add("GET", "/_emulator/webhooks/{id}", readWebhook);
add("GET", "/_emulator/webhook-rules", listWebhookRules);
add("POST", "/_emulator/webhook-rules", setWebhookRule);
add("DELETE", "/_emulator/webhook-rules", removeWebhookRules);
add("POST", "/_emulator/webhooks/{id}/redeliver", redeliverWebhook);
add("GET", "/_emulator/conversations", listConversations, "last", "before");
add("GET", "/_emulator/conversations/{sid}", readConversation, "last");
add("GET", "/_emulator/flows", listFlows);
add("GET", "/_emulator/flows/{sid}", readFlow, "last");
add("GET", "/_emulator/flows/{sid}/picture", drawPicture, "execution", "progress");
add("GET", "/_emulator/virtual-agents", listAgents);
add("POST", "/_emulator/virtual-agents", setAgent);
add("GET", "/_emulator/tasks", listTasks);
add("POST", "/_emulator/tasks/{sid}", changeTask);
add("GET", "/_emulator/stream", openStream);
addPage("/", () => showPage("welcome.html"));
addPage("/console", showConsole);
addPage("/console/", showConsole);
addPage("/console/{file}", showConsole);

function ok(body: unknown): HttpResponse {
  return { status: 200, body };
}
