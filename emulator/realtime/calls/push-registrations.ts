import { pushMessageTypes } from "../../domain/account-model.ts";
import { objectEntries } from "../../domain/content.ts";
import { bindingsOf, registerDevice, removeBinding } from "../../domain/push-bindings.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { tokenRules } from "../../domain/rules/token.ts";
import { param, type SdkHandler, textOf } from "../call.ts";

/*
 * Devices that register for push notifications ("Push Notifications on the Web for Conversations"). The access token
 * names the credential.
 */

/** POST /v1/registrations: the binding gets the message types that have templates; others are ignored. */
export const create: SdkHandler = (call) => {
  const { resources, service, user, body, connection } = call;
  const bindingType = readType(textOf(call, "channel_type"));
  const endpoint = objectEntries(body.get("data"))?.get("registration_id");
  if (typeof endpoint !== "string" || endpoint === "") throw requestRules.invalidParameter("registration_id");
  const credential = resources.credentials.get(connection.pushCredentialSid ?? "");
  if (credential?.type !== bindingType) throw tokenRules.pushCredentialMissing();
  const wanted = body.get("message_types");
  if (!Array.isArray(wanted)) throw requestRules.invalidParameter("message_types");
  const messageTypes = pushMessageTypes.filter((type) => wanted.includes(`twilio.conversations.${type}`));
  const device = { bindingType, endpoint, credentialSid: credential.sid, messageTypes };
  const binding = registerDevice(resources, service, user, device);
  return { status: 201, body: { id: binding.sid } };
};

/** DELETE /v1/registrations/{Binding} */
export const remove: SdkHandler = (call) => {
  const { resources, service, user, path } = call;
  const binding = bindingsOf(service, user.identity).find(({ sid }) => sid === param(call, "Binding"));
  if (binding === undefined) throw requestRules.notFound(path);
  removeBinding(resources, service, binding);
  return { status: 204 };
};

/**
 * DELETE /v1/registrations: the user's binding of a device, by its type and address. It is no error when there is
 * none.
 */
export const removeByAddress: SdkHandler = (call) => {
  const { resources, service, user } = call;
  const [type, address] = [readType(textOf(call, "binding_type")), textOf(call, "address")];
  for (const binding of bindingsOf(service, user.identity))
    if (binding.bindingType === type && binding.endpoint === address)
      removeBinding(resources, service, binding);
  return { status: 204 };
};

function readType(text: string | undefined): "apn" | "fcm" {
  if (text !== "apn" && text !== "fcm") throw requestRules.invalidParameter("channel_type");
  return text;
}
