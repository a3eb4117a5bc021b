import { isoSeconds } from "../dates.ts";
import type { PushBinding } from "../domain/account-model.ts";
import { checkBindingType } from "../domain/credentials.ts";
import { removeBinding } from "../domain/push-bindings.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/*
 * Only SDKs create push bindings: there is no operation for it.
 */

/** GET /Services/{ChatServiceSid}/Bindings/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, bindingOf(call)) });

/** DELETE /Services/{ChatServiceSid}/Bindings/{Sid} */
export const remove: Handler = (call) => {
  removeBinding(call.resources, call.service, bindingOf(call));
  return { status: 204 };
};

/** GET /Services/{ChatServiceSid}/Bindings. `BindingType` and `Identity` may be repeated. */
export const list: Handler = (call) => {
  const { query } = call;
  const types = query.all("BindingType").map(checkBindingType);
  const identities = query.all("Identity");
  return listResponse(`${call.base}/Bindings`, query, {
    key: "bindings",
    members: call.service.pushBindings,
    sidPrefix: "BS",
    defaultSize: 50,
    maxSize: 100,
    filters: [
      ...types.map((type) => ["BindingType", type] as const),
      ...identities.map((identity) => ["Identity", identity] as const),
    ],
    keep: ({ bindingType, identity }) =>
      (types.length === 0 || types.includes(bindingType)) &&
      (identities.length === 0 || identities.includes(identity)),
    present: (binding) => present(call, binding),
  });
};

function bindingOf(call: Call): PushBinding {
  const binding = call.service.pushBindings.get(param(call, "Sid"));
  if (binding === undefined) throw notFound(call);
  return binding;
}

function present(call: Call, binding: PushBinding): unknown {
  return {
    sid: binding.sid,
    account_sid: call.resources.account.sid,
    chat_service_sid: call.service.sid,
    date_created: isoSeconds(binding.dateCreated),
    date_updated: isoSeconds(binding.dateUpdated),
    endpoint: binding.endpoint,
    identity: binding.identity,
    binding_type: binding.bindingType,
    credential_sid: binding.credentialSid,
    message_types: binding.messageTypes,
    url: `${call.base}/Bindings/${binding.sid}`,
  };
}
