import { isoSeconds } from "../dates.ts";
import type { Credential } from "../domain/account-model.ts";
import { type CredentialInput, createCredential, updateCredential } from "../domain/credentials.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";

/** POST /Credentials. `Certificate`, `PrivateKey`, `ApiKey` and `Secret` are accepted, but not stored. */
export const create: Handler = (call) => {
  const credential = createCredential(call.resources, input(call));
  return { status: 201, body: present(call, credential) };
};

/** GET /Credentials/{Sid} */
export const fetch: Handler = (call) => ({ status: 200, body: present(call, credentialOf(call)) });

/** POST /Credentials/{Sid} */
export const update: Handler = (call) => {
  const credential = credentialOf(call);
  updateCredential(call.resources, credential, input(call));
  return { status: 200, body: present(call, credential) };
};

/** DELETE /Credentials/{Sid} */
export const remove: Handler = (call) => {
  call.resources.credentials.delete(credentialOf(call));
  return { status: 204 };
};

/** GET /Credentials */
export const list: Handler = (call) =>
  listResponse(`${call.base}/Credentials`, call.query, {
    key: "credentials",
    members: call.resources.credentials,
    sidPrefix: "CR",
    defaultSize: 50,
    maxSize: 100,
    present: (credential) => present(call, credential),
  });

function credentialOf(call: Call): Credential {
  const credential = call.resources.credentials.get(param(call, "Sid"));
  if (credential === undefined) throw notFound(call);
  return credential;
}

function input({ form }: Call): CredentialInput {
  return { type: form.get("Type"), friendlyName: form.get("FriendlyName"), sandbox: form.get("Sandbox") };
}

function present(call: Call, credential: Credential): unknown {
  return {
    sid: credential.sid,
    account_sid: call.resources.account.sid,
    friendly_name: credential.friendlyName,
    type: credential.type,
    // Capitalized, as in all examples.
    sandbox: credential.sandbox ? "True" : "False",
    date_created: isoSeconds(credential.dateCreated),
    date_updated: isoSeconds(credential.dateUpdated),
    url: `${call.base}/Credentials/${credential.sid}`,
  };
}
