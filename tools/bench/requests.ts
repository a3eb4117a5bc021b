import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { SignJWT } from "jose";
import { twilioSignature } from "../../core/access/signature.ts";
import { parseForm } from "../../core/request.ts";
import { type Endpoint, endpoints } from "../../infra/endpoints.ts";
import { jobOf, type Twilio, unknownAddress, whatsappConversation } from "./jobs.ts";
import { eventOf, type Fields, type JobRequest, programOf } from "./programs.ts";

const SCOPES = "conversations:read conversations:write users:erase users:export";

/** The request for an endpoint's job: from Twilio where only Twilio may call, otherwise from a back end. */
export async function requestOf(endpoint: Endpoint, twilio: Twilio): Promise<JobRequest> {
  const createEvent = EVENTS.get(endpoint.name);
  if (createEvent !== undefined) return createEvent(twilio);
  const fields = await jobOf(endpoint)(twilio);
  return endpoint.isProtected ? signedRequest(endpoint, twilio, fields) : bearerRequest(twilio, fields);
}

/**
 * Events for a webhook whose URL another endpoint has written: that endpoint runs, and the emulator sends and signs the event.
 */
const EVENTS: ReadonlyMap<string, (twilio: Twilio) => Promise<JobRequest>> = new Map([
  ["whatsapp/opt-in-reply", reply],
  ["whatsapp/send-receipt", receipt],
]);

async function reply(twilio: Twilio): Promise<JobRequest> {
  const invitee = unknownAddress();
  const conversationSid = await runEndpoint("whatsapp/opt-in", twilio, {
    invitee,
    inviter: unknownAddress(),
    inviteBody: "May we?",
    connectBody: "You're connected.",
    uniqueName: randomUUID(),
  });
  await twilio.sendText(`whatsapp:${invitee}`, "Yes");
  return twilio.event(
    (event) =>
      event.get("EventType") === "onMessageAdded" && event.get("ConversationSid") === conversationSid,
  );
}

async function receipt(twilio: Twilio): Promise<JobRequest> {
  const { conversationSid } = await whatsappConversation(twilio);
  const { contentSid } = twilio;
  await runEndpoint("whatsapp/send", twilio, { conversationSid, body: "Soon", contentSid });
  return twilio.event(
    (event) => event.get("Status") === "delivered" && event.get("ConversationSid") === conversationSid,
  );
}

/** @throws if there is none. */
export function endpointNamed(name: string): Endpoint {
  const endpoint = endpoints().find((endpoint) => endpoint.name === name);
  if (endpoint === undefined) throw new Error(`There is no endpoint ${name}`);
  return endpoint;
}

/** Runs an endpoint's bundle in a process of its own. @returns the conversation of its answer. */
async function runEndpoint(name: string, twilio: Twilio, fields: Fields): Promise<string> {
  const endpoint = endpointNamed(name);
  const program = programOf(endpoint, "lambda", twilio.variables);
  const request = await bearerRequest(twilio, fields);
  const event = JSON.stringify(eventOf(endpoint, "lambda", request, twilio.variables));
  const { stderr } = await promisify(execFile)(process.execPath, ["--eval", program, "--", event]);
  return (JSON.parse(stderr) as { conversationSid: string }).conversationSid;
}

/** A webhook request with Twilio's signature. */
function signedRequest({ name }: Endpoint, { variables }: Twilio, fields: Fields): JobRequest {
  const { AUTH_TOKEN = "", PUBLIC_BASE_URL = "" } = variables;
  const body = new URLSearchParams(fields).toString();
  const url = `${PUBLIC_BASE_URL}/${name}`;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": twilioSignature({ secret: AUTH_TOKEN, hash: "sha1" }, url, parseForm(body)),
  };
  return { headers, fields, query: "", body };
}

/** A back end's request with a bearer token. */
async function bearerRequest({ variables }: Twilio, fields: Fields): Promise<JobRequest> {
  const token = await new SignJWT({ sub: "alice", scope: SCOPES })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(variables.JWT_SECRET));
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return { headers, fields, query: "", body: JSON.stringify(fields) };
}
