import type { Credential, PushBinding, PushType } from "./account-model.ts";
import { checkFriendlyName, nameLimits } from "./attributes.ts";
import { checkFlag } from "./flag.ts";
import type { Resources } from "./resources.ts";
import { credentialRules } from "./rules/credential.ts";

/** Parameters of push credentials; undefined when omitted. The secrets are not kept. */
export interface CredentialInput {
  readonly type: string | undefined;
  readonly friendlyName: string | undefined;
  /** "true" or "false", for APN. */
  readonly sandbox: string | undefined;
}

/** Creates push credentials of the type apn, gcm or fcm, case-insensitive ("Credential Resource"). */
export function createCredential(resources: Resources, input: CredentialInput): Credential {
  const type = checkPushType(input.type);
  const friendlyName = checkFriendlyName(input.friendlyName ?? "", nameLimits.roleOrCredential) ?? "";
  const sandbox = checkFlag("Sandbox", input.sandbox, false);
  const now = resources.clock.now();
  const credential: Credential = {
    sid: resources.ids.sid("CR"),
    seq: resources.credentials.nextSeq(),
    type,
    friendlyName,
    sandbox,
    dateCreated: now,
    dateUpdated: now,
  };
  resources.credentials.add(credential);
  return credential;
}

/** Changes push credentials. */
export function updateCredential(resources: Resources, credential: Credential, input: CredentialInput): void {
  const type = input.type === undefined ? credential.type : checkPushType(input.type);
  const name = input.friendlyName ?? credential.friendlyName;
  const friendlyName = checkFriendlyName(name, nameLimits.roleOrCredential) ?? "";
  const sandbox = checkFlag("Sandbox", input.sandbox, credential.sandbox);
  Object.assign(credential, { type, friendlyName, sandbox, dateUpdated: resources.clock.now() });
}

/** Parses the type of a push binding, case-insensitive: a push technology, or the SDK's own connection. */
export function checkBindingType(type: string): PushBinding["bindingType"] {
  return type.toLowerCase() === "twilsock" ? "twilsock" : checkPushType(type);
}

/** Parses a push technology, case-insensitive. */
function checkPushType(type: string | undefined): PushType {
  const lower = type?.toLowerCase();
  if (lower !== "apn" && lower !== "gcm" && lower !== "fcm") throw credentialRules.typeInvalid();
  return lower;
}
