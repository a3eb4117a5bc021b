import type { Account } from "../domain/account-model.ts";
import { requestRules } from "../domain/rules/request.ts";

interface Credentials {
  readonly authorization: string;
  readonly user: string;
  readonly password: string;
}

/**
 * The last Authorization header, decoded: a client sends the same one with each request. Its credentials are compared
 * with the account's keys each time, so a changed key or token is effective at once.
 */
const lastRead = new WeakMap<Account, Credentials>();

/** Accepts the account SID and auth token, or an API key and its secret. */
export function checkCredentials(account: Account, authorization: string | undefined): void {
  const known = lastRead.get(account);
  const given = known?.authorization === authorization ? known : readCredentials(authorization);
  const expected = given?.user === account.sid ? account.authToken : given && account.apiKeys.get(given.user);
  if (given === undefined || given.password !== expected) throw requestRules.unauthenticated();
  lastRead.set(account, given);
}

function readCredentials(authorization = ""): Credentials | undefined {
  const credentials = /^Basic +([A-Za-z0-9+/=_-]{1,4096})$/i.exec(authorization)?.[1];
  if (credentials === undefined) return undefined;
  const [user = "", ...rest] = Buffer.from(credentials, "base64").toString("utf8").split(":");
  return { authorization, user, password: rest.join(":") };
}
