import { ActionLimiter } from "../domain/action-limiter.ts";
import { requestRules } from "../domain/rules/request.ts";

/*
 * "Conversations Limits", connection limits of SDKs. An emulator has one account.
 */

const concurrentConnections = 7000;
const connectionsPerSecond = 110;
const requestsPerSecond = 500;
const requestsOfAccount = 20_000;

/** Counts connections and requests of SDKs, by the clock. */
export class SdkLimits {
  readonly #connections = new ActionLimiter(connectionsPerSecond);
  readonly #requests = new ActionLimiter(requestsPerSecond);
  readonly #all = new ActionLimiter(requestsOfAccount);

  /** Whether one more connection may be opened beside the `present` ones. */
  mayConnect(present: number, now: number): boolean {
    return present < concurrentConnections && this.#connections.take("", now);
  }

  /** Counts a request on a connection. Throws when there were too many in this second. */
  checkRequest(connection: string, now: number): void {
    if (this.#requests.take(connection, now) && this.#all.take("", now)) return;
    throw requestRules.tooManyRequests();
  }
}
