import type { ApiKey } from "../domain/account-model.ts";
import { checkFriendlyName } from "../domain/attributes.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";
import { checkAccount, listPage, rfc2822, withoutJson } from "./legacy.ts";

/*
 * The account and its API keys, api.twilio.com/2010-04-01: used by `twilio login` and checks of credentials.
 */

/** GET /Accounts/{AccountSid}.json */
export const fetch: Handler = (call) => {
  checkAccount(call);
  const { account, clock } = call.resources;
  const uri = `/2010-04-01/Accounts/${account.sid}`;
  const created = rfc2822(call.resources.defaultService.dateCreated);
  const subresources = { messages: "Messages", keys: "Keys", incoming_phone_numbers: "IncomingPhoneNumbers" };
  return {
    status: 200,
    body: {
      sid: account.sid,
      owner_account_sid: account.sid,
      friendly_name: "Emulated account",
      type: "Full",
      status: "active",
      auth_token: account.authToken,
      date_created: created,
      date_updated: rfc2822(clock.now()),
      uri: `${uri}.json`,
      subresource_uris: Object.fromEntries(
        Object.entries(subresources).map(([name, path]) => [name, `${uri}/${path}.json`]),
      ),
    },
  };
};

/** POST /Accounts/{AccountSid}/Keys.json. Only this response contains the secret. */
export const createKey: Handler = (call) => {
  checkAccount(call);
  const { account, ids, clock } = call.resources;
  const now = clock.now();
  const key: ApiKey = {
    sid: ids.sid("SK"),
    seq: account.keys.nextSeq(),
    friendlyName: checkFriendlyName(call.form.get("FriendlyName") ?? null) ?? "",
    dateCreated: now,
    dateUpdated: now,
  };
  const secret = ids.hex();
  account.keys.add(key);
  account.apiKeys.set(key.sid, secret);
  return { status: 201, body: { ...presentKey(key), secret } };
};

/** GET /Accounts/{AccountSid}/Keys.json */
export const listKeys: Handler = (call) => {
  checkAccount(call);
  return listPage(`/2010-04-01/Accounts/${call.resources.account.sid}/Keys.json`, call, {
    key: "keys",
    members: call.resources.account.keys,
    sidPrefix: "SK",
    defaultSize: 50,
    maxSize: 1000,
    present: presentKey,
  });
};

/** GET /Accounts/{AccountSid}/Keys/{Sid}.json */
export const fetchKey: Handler = (call) => ({ status: 200, body: presentKey(keyOf(call)) });

/** POST /Accounts/{AccountSid}/Keys/{Sid}.json */
export const updateKey: Handler = (call) => {
  const key = keyOf(call);
  key.friendlyName = checkFriendlyName(call.form.get("FriendlyName") ?? key.friendlyName) ?? key.friendlyName;
  key.dateUpdated = call.resources.clock.now();
  return { status: 200, body: presentKey(key) };
};

/** DELETE /Accounts/{AccountSid}/Keys/{Sid}.json. Its secret and tokens signed with it become invalid. */
export const removeKey: Handler = (call) => {
  const key = keyOf(call);
  const { account } = call.resources;
  account.keys.delete(key);
  account.apiKeys.delete(key.sid);
  return { status: 204 };
};

function keyOf(call: Call): ApiKey {
  checkAccount(call);
  const key = call.resources.account.keys.get(withoutJson(param(call, "Sid")));
  if (key === undefined) throw notFound(call);
  return key;
}

function presentKey({ sid, friendlyName, dateCreated, dateUpdated }: ApiKey) {
  return {
    sid,
    friendly_name: friendlyName,
    date_created: rfc2822(dateCreated),
    date_updated: rfc2822(dateUpdated),
  };
}
