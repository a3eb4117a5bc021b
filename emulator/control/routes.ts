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
import type { ControlHandler } from "./call.ts";
import { createChatChannel } from "./channels.ts";
import { listConversations, readConversation } from "./conversations.ts";
import { createBinding, cutSessions, listPushes, listSessions, setPresence } from "./devices.ts";
import { addFaultRoutes } from "./faults.ts";
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
export const controlRouter = new Router<ControlHandler>();
controlRouter.add("GET", "/_emulator/info", ({ info }) => ok(info));
controlRouter.add("GET", "/_emulator/clock", readClock);
controlRouter.add("POST", "/_emulator/clock", setClock);
controlRouter.add("POST", "/_emulator/clock/advance", advanceClock);
controlRouter.add("POST", "/_emulator/settle", settle);
controlRouter.add("POST", "/_emulator/reset", reset);
controlRouter.add("GET", "/_emulator/snapshot", snapshot);
controlRouter.add("POST", "/_emulator/restore", restore);
controlRouter.add("GET", "/_emulator/numbers", listNumbers);
controlRouter.add("POST", "/_emulator/numbers", createNumber);
controlRouter.add("POST", "/_emulator/messaging-services/{sid}", switchAutocreation);
controlRouter.add("POST", "/_emulator/channels", createChatChannel);
controlRouter.add("GET", "/_emulator/phones", listPhones);
controlRouter.add("GET", "/_emulator/phones/{address}", fetchPhone);
controlRouter.add("POST", "/_emulator/phones/{address}", changePhone);
controlRouter.add("POST", "/_emulator/phones/{address}/read", readMessages);
controlRouter.add("GET", "/_emulator/phones/{address}/messages", readInbox);
controlRouter.add("POST", "/_emulator/phones/{address}/messages", sendFromPhone);
controlRouter.add("GET", "/_emulator/rules", listRules);
controlRouter.add("POST", "/_emulator/rules", changeRules);
controlRouter.add("POST", "/_emulator/campaigns", registerCampaign);
controlRouter.add("POST", "/_emulator/content/{sid}/approval", decideTemplate);
controlRouter.add("POST", "/_emulator/tokens", checkToken);
controlRouter.add("POST", "/_emulator/users/{identity}/bindings", createBinding);
controlRouter.add("POST", "/_emulator/users/{identity}/presence", setPresence);
controlRouter.add("GET", "/_emulator/sessions", listSessions);
controlRouter.add("DELETE", "/_emulator/sessions/{identity}", cutSessions);
controlRouter.add("GET", "/_emulator/pushes", listPushes);
addFaultRoutes(controlRouter);
controlRouter.add("GET", "/_emulator/timeline", ({ runtime }) =>
  ok({ timeline: runtime.timeline.entries() }),
);
controlRouter.add("GET", "/_emulator/webhooks", listWebhooks);
controlRouter.add("GET", "/_emulator/webhooks/{id}", readWebhook);
controlRouter.add("GET", "/_emulator/webhook-rules", listWebhookRules);
controlRouter.add("POST", "/_emulator/webhook-rules", setWebhookRule);
controlRouter.add("DELETE", "/_emulator/webhook-rules", removeWebhookRules);
controlRouter.add("POST", "/_emulator/webhooks/{id}/redeliver", redeliverWebhook);
controlRouter.add("GET", "/_emulator/conversations", listConversations);
controlRouter.add("GET", "/_emulator/conversations/{sid}", readConversation);
controlRouter.add("GET", "/_emulator/flows", listFlows);
controlRouter.add("GET", "/_emulator/flows/{sid}", readFlow);
controlRouter.add("GET", "/_emulator/flows/{sid}/picture", drawPicture);
controlRouter.add("GET", "/_emulator/virtual-agents", listAgents);
controlRouter.add("POST", "/_emulator/virtual-agents", setAgent);
controlRouter.add("GET", "/_emulator/tasks", listTasks);
controlRouter.add("POST", "/_emulator/tasks/{sid}", changeTask);
controlRouter.add("GET", "/_emulator/stream", openStream);
controlRouter.add("GET", "/", () => showPage("welcome.html"));
controlRouter.add("GET", "/console", showConsole);
controlRouter.add("GET", "/console/", showConsole);
controlRouter.add("GET", "/console/{file}", showConsole);

function ok(body: unknown): HttpResponse {
  return { status: 200, body };
}
