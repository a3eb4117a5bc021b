import type { Account } from "../domain/account-model.ts";
import { requestRules } from "../domain/rules/request.ts";

/** Lets a request pass that carries the account SID and auth token, or an API key and its secret. */
export function checkCredentials(account: Account, authorization: string | undefined): void {
  const credentials = /^Basic +([A-Za-z0-9+/=_-]{1,4096})$/i.exec(authorization ?? "")?.[1];
  const [user, ...rest] = Buffer.from(credentials ?? "", "base64")
    .toString("utf8")
    .split(":");
  const password = rest.join(":");
  const expected = user === account.sid ? account.authToken : account.apiKeys.get(user ?? "");
  if (expected === undefined || password !== expected) throw requestRules.unauthenticated();
}
