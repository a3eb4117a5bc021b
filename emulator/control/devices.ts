import * as v from "valibot";
import { isoMillis } from "../dates.ts";
import { type PushBinding, pushMessageTypes, type Service } from "../domain/account-model.ts";
import { registerDevice } from "../domain/push-bindings.ts";
import { reachabilityOf, sdkOf, setOnline } from "../domain/reachability.ts";
import { ensureUser } from "../domain/users.ts";
import { closed, flag, InputError, listOfEvery, oneOf, optional, text } from "../input.ts";
import type { ControlCall, ControlHandler } from "./call.ts";
import { ControlError, readBody } from "./input.ts";

/*
 * What SDKs do on devices. An SDK that signs in creates its user, so the user need not exist.
 */

const bindingInput = closed({
  type: oneOf(["apn", "fcm", "gcm"]),
  endpoint: text,
  credentialSid: text,
  messageTypes: v.nullish(
    listOfEvery<(typeof pushMessageTypes)[number]>(
      (type) => pushMessageTypes.some((known) => known === type),
      `must be a list of some of ${pushMessageTypes.join(", ")}`,
    ),
    pushMessageTypes,
  ),
  serviceSid: optional(text),
});

const presenceInput = closed({ online: flag, serviceSid: optional(text) });

/** A device registers for push notifications, as an SDK does with the credential of its access token. */
export const createBinding: ControlHandler = (call) => {
  const { resources } = call.runtime;
  const identity = identityOf(call);
  const input = readBody(call.body, bindingInput);
  const { type: bindingType, endpoint, credentialSid } = input;
  const messageTypes = pushMessageTypes.filter((type) => input.messageTypes.includes(type));
  const service = serviceOf(call, input.serviceSid);
  const credential = resources.credentials.get(credentialSid);
  if (credential === undefined)
    throw new InputError("credentialSid", `there is no credential ${credentialSid}`);
  if (credential.type !== bindingType)
    throw new InputError("credentialSid", `is a credential for ${credential.type}, not ${bindingType}`);
  const user = ensureUser(resources, service, identity, sdkOf(identity));
  const device = { bindingType, endpoint, credentialSid: credential.sid, messageTypes };
  return { status: 201, body: describeBinding(service, registerDevice(resources, service, user, device)) };
};

/** The first SDK of a user connects, or their last one disconnects. */
export const setPresence: ControlHandler = (call) => {
  const { resources } = call.runtime;
  const identity = identityOf(call);
  const { online, serviceSid } = readBody(call.body, presenceInput);
  const service = serviceOf(call, serviceSid);
  if (!online && !service.usersByIdentity.has(identity))
    throw new ControlError(404, `There is no user ${identity}`);
  const user = ensureUser(resources, service, identity, sdkOf(identity));
  setOnline(resources, service, user, online);
  return { status: 200, body: { identity, online, ...reachabilityOf(service, user) } };
};

/** The connected SDKs, oldest connection first. */
export const listSessions: ControlHandler = ({ runtime }) => {
  const sessions = runtime.realtime.sessions().map(({ bearer, since, sdkVersion, platform }) => ({
    identity: bearer.identity,
    serviceSid: bearer.service.sid,
    since: isoMillis(since),
    tokenExpires: isoMillis(bearer.expiresAt),
    sdkVersion,
    support: supportOf(sdkVersion),
    platform,
  }));
  return { status: 200, body: { sessions } };
};

/** Closes the connections of a user, as when their network fails; their SDKs reconnect by themselves. */
export const cutSessions: ControlHandler = (call) => {
  const identity = identityOf(call);
  const cut = call.runtime.realtime.disconnect(identity);
  if (cut === 0) throw new ControlError(404, `${identity} has no connection`);
  return { status: 200, body: { identity, cut } };
};

/** Pushes to all devices, or to those of the `identity` in the query. */
export const listPushes: ControlHandler = ({ runtime, query }) => {
  const wanted = query.get("identity");
  const pushes = runtime.pushes.log.entries();
  const chosen = wanted === null ? pushes : pushes.filter(({ identity }) => identity === wanted);
  return { status: 200, body: { pushes: chosen } };
};

function identityOf({ params }: ControlCall): string {
  return params.get("identity") ?? "";
}

/** The service with this SID, or the default one. */
function serviceOf({ runtime: { resources } }: ControlCall, sid: string | undefined): Service {
  const service = sid === undefined ? resources.defaultService : resources.services.get(sid);
  if (service === undefined) throw new InputError("serviceSid", `there is no service ${sid}`);
  return service;
}

function describeBinding(service: Service, binding: PushBinding) {
  const { sid, identity, bindingType: type, endpoint, credentialSid, messageTypes } = binding;
  return { sid, serviceSid: service.sid, identity, type, endpoint, credentialSid, messageTypes };
}

/** How Twilio supports a version of the JavaScript SDK ("Versioning and Support Lifecycle"; 3.X is newer than the page). */
function supportOf(version: string): string {
  const major = Number(/^(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  if (major >= 3) return "latest";
  if (major === 2) return "supported";
  return major === 1 ? "end of life" : "unknown";
}
