import type { Client, ClientOptions, ConnectionState } from "@twilio/conversations";
import { stateReported } from "./connection.ts";
import { explain } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { texts } from "./texts.ts";
import { fetchToken, type SignIn, SignInFailed } from "./token.ts";

/** Callbacks of a session. */
export interface SessionEvents {
  connectionChanged(state: ConnectionState): void;
  /** The session has ended: Twilio denies the token, or it has expired, and no other one is available. */
  ended(reason: string): void;
}

/** Wait after the first connection that broke during the start, in milliseconds. It doubles up to the longest one. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * Signs in and resolves when the SDK has fetched the user's conversations. When the connection breaks before that, it
 * starts again: the SDK reconnects, but it does not repeat the requests of its start, and some calls would fail
 * forever.
 *
 * Renews the access token when the SDK reports that it is about to expire ("Create Access Tokens for Conversations"),
 * and once when it is denied ("Error Handling and Diagnostics").
 *
 * @throws {SignInFailed} when the sign-in fails.
 */
export async function openSession(
  signIn: SignIn,
  { socketUrl, logLevel }: Settings,
  events: SessionEvents,
): Promise<Client> {
  // The SDK is most of the page's bytes, so it is loaded while the token is fetched and after the first paint.
  const [token, sdk] = await Promise.all([fetchToken(signIn), import("./sdk.ts")]);
  const options: ClientOptions = { logLevel };
  if (socketUrl !== undefined) options.Twilsock = { uri: socketUrl };
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    const client = await start(new sdk.Client(token, options), signIn, events);
    if (client !== undefined) return client;
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
  }
}

/** Resolves to undefined when the connection broke before the client was ready. */
async function start(client: Client, signIn: SignIn, events: SessionEvents): Promise<Client | undefined> {
  let end = (_reason: string): void => undefined;
  let isOver = false;
  let lastToken = client.token;
  const renew = async () => {
    try {
      const token = await fetchToken(signIn);
      if (isOver) return;
      // The SDK ignores a token that it has tried before, so that its state would stay as it is.
      if (token === lastToken && client.connectionState !== "connected") return end(texts.problems.expired);
      lastToken = token;
      await client.updateToken(token);
    } catch (error) {
      if (client.connectionState === "connected") return;
      end(error instanceof SignInFailed ? error.message : texts.problems.expired);
    }
  };
  let hasExpired = false;
  let isRefused = false;
  let wasConnected = false;
  let isBroken = false;
  client.on("connectionStateChanged", (state) => {
    if (isOver) return;
    events.connectionChanged(state);
    if (state === "connected") isRefused = hasExpired = false;
    isBroken ||= wasConnected && state === "connecting";
    wasConnected = state === "connected";
    // After a token has expired, the SDK accepts another one only when it has disconnected.
    if (state !== "denied" && !(state === "disconnected" && hasExpired)) return;
    if (isRefused) end(texts.problems.expired);
    else void renew();
    isRefused = state === "denied";
  });
  client.on("tokenAboutToExpire", () => void renew());
  client.on("tokenExpired", () => {
    hasExpired = true;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      end = (reason) => reject(new SignInFailed(reason));
      client.once("initialized", () => resolve());
      client.once("initFailed", ({ error }) => end(explain(error)));
    });
    await client.getSubscribedConversations();
  } catch (error) {
    await stateReported();
    isOver = true;
    void client.shutdown();
    if (isBroken) return undefined;
    throw error instanceof SignInFailed ? error : new SignInFailed(explain(error));
  }
  end = (reason) => {
    // Two tokens may be requested at once; the user may have signed in again when the second one is refused.
    if (isOver) return;
    isOver = true;
    void client.shutdown();
    events.ended(reason);
  };
  return client;
}
