import { isoMillis } from "../dates.ts";
import { type PushBinding, pushMessageTypes, type Service } from "../domain/account-model.ts";
import { registerDevice } from "../domain/push-bindings.ts";
import { reachabilityOf, sdkOf, setOnline } from "../domain/reachability.ts";
import { ensureUser } from "../domain/users.ts";
import type { ControlCall, ControlHandler } from "./call.ts";
import { badField, ControlError, Input } from "./input.ts";

/*
 * What SDKs do on devices. An SDK that signs in creates its user, so a user need not be there before.
 */

/** A device registers for push notifications, as an SDK does with the credential of its access token. */
export const createBinding: ControlHandler = (call) => {
  const { world } = call.runtime;
  const identity = identityOf(call);
  const input = new Input(call.body, ["type", "endpoint", "credentialSid", "messageTypes", "serviceSid"]);
  const bindingType = input.oneOf("type", ["apn", "fcm", "gcm"]);
  const endpoint = input.text("endpoint");
  const credentialSid = input.text("credentialSid");
  const messageTypes = input.someOf("messageTypes", pushMessageTypes);
  const service = serviceOf(call, input);
  const credential = world.credentials.get(credentialSid);
  if (credential === undefined) throw badField("credentialSid", `there is no credential ${credentialSid}`);
  if (credential.type !== bindingType)
    throw badField("credentialSid", `is a credential for ${credential.type}, not ${bindingType}`);
  const user = ensureUser(world, service, identity, sdkOf(identity));
  const device = { bindingType, endpoint, credentialSid, messageTypes };
  return { status: 201, body: describeBinding(service, registerDevice(world, service, user, device)) };
};

/** The first SDK of a user connects, or their last one goes. */
export const setPresence: ControlHandler = (call) => {
  const { world } = call.runtime;
  const identity = identityOf(call);
  const input = new Input(call.body, ["online", "serviceSid"]);
  if (!input.has("online")) throw badField("online", "is required");
  const online = input.flag("online", false);
  const service = serviceOf(call, input);
  if (!online && !service.usersByIdentity.has(identity))
    throw new ControlError(404, `There is no user ${identity}`);
  const user = ensureUser(world, service, identity, sdkOf(identity));
  setOnline(world, service, user, online);
  return { status: 200, body: { identity, online, ...reachabilityOf(service, user) } };
};

/** The SDKs that are signed in, the longest first. */
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

/** The connections of a user break, as when their network does: their SDKs connect again by themselves. */
export const cutSessions: ControlHandler = (call) => {
  const identity = identityOf(call);
  const cut = call.runtime.realtime.disconnect(identity);
  if (cut === 0) throw new ControlError(404, `${identity} has no connection`);
  return { status: 200, body: { identity, cut } };
};

/** What was sent to devices: all of them, or those of the `identity` in the query. */
export const listPushes: ControlHandler = ({ runtime, query }) => {
  const wanted = query.get("identity");
  const pushes = runtime.pushes.log.entries();
  const chosen = wanted === null ? pushes : pushes.filter(({ identity }) => identity === wanted);
  return { status: 200, body: { pushes: chosen } };
};

function identityOf({ params }: ControlCall): string {
  return params.get("identity") ?? "";
}

/** The service that the input names, else the default one. */
function serviceOf({ runtime: { world } }: ControlCall, input: Input): Service {
  const sid = input.optionalText("serviceSid");
  const service = sid === undefined ? world.defaultService : world.services.get(sid);
  if (service === undefined) throw badField("serviceSid", `there is no service ${sid}`);
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
