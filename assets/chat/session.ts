import type { Client, ClientOptions, ConnectionState } from "@twilio/conversations";
import { explain } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { texts } from "./texts.ts";

/** The user's kind of sign-in. */
export type SignIn =
  | { readonly kind: "guest" }
  /** An existing access token. */
  | { readonly kind: "token"; readonly token: string }
  /** A JWT of the company's issuer, requested again for each new access token. */
  | { readonly kind: "bearer"; readonly getToken: () => Promise<string> };

/** A failed sign-in. Its message is shown to the user. */
export class SignInFailed extends Error {}

/** The URL of the deployment's `token` endpoint, relative to this page. */
const TOKEN_URL = "../token";
const GUEST_TOKEN = "parley.guestToken";

/** The tab's storage; undefined in a frame of another site if the browser denies access. */
function tabStorage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

let guestToken = tabStorage()?.getItem(GUEST_TOKEN) ?? null;

/**
 * Fetches an access token from the deployment's `token` endpoint. A guest keeps the same identity while the tab is
 * open, and also after a reload if the browser allows storage.
 *
 * @throws {SignInFailed} when the endpoint rejects the request or cannot be reached.
 */
export async function fetchToken(signIn: SignIn): Promise<string> {
  if (signIn.kind === "token") return signIn.token;
  const isGuest = signIn.kind === "guest";
  const earlier = isGuest ? guestToken : null;
  const ask = async (given: string | null) =>
    fetch(TOKEN_URL, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(signIn.kind === "bearer" ? { authorization: `Bearer ${await signIn.getToken()}` } : {}),
      },
      body: JSON.stringify(given === null ? { platform: "web" } : { platform: "web", guestToken: given }),
    }).catch(() => {
      throw new SignInFailed(texts.problems.offline);
    });
  let answer = await ask(earlier);
  // The guest's token has expired: start as a new guest.
  if (answer.status === 401 && earlier !== null) answer = await ask(null);
  if (!answer.ok) {
    const isRefusedGuest = isGuest && answer.status === 401;
    throw new SignInFailed(isRefusedGuest ? texts.problems.noGuests : texts.problems.signIn(answer.status));
  }
  const { token } = (await answer.json()) as { token: string };
  if (isGuest) {
    guestToken = token;
    tabStorage()?.setItem(GUEST_TOKEN, token);
  }
  return token;
}

/** Callbacks of a session. */
export interface SessionEvents {
  connectionChanged(state: ConnectionState): void;
  /** The session has ended: Twilio denies the token, or it has expired, and no other one is available. */
  ended(reason: string): void;
}

/**
 * Signs in and resolves when the SDK is initialized. Renews the access token when the SDK reports that it is about to
 * expire ("Create Access Tokens for Conversations"), and once when it is denied ("Error Handling and Diagnostics").
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
  const client = new sdk.Client(token, options);
  let end = (_reason: string): void => undefined;
  const renew = async () => {
    try {
      await client.updateToken(await fetchToken(signIn));
    } catch (error) {
      if (client.connectionState === "connected") return;
      end(error instanceof SignInFailed ? error.message : texts.problems.expired);
    }
  };
  let hasExpired = false;
  let isRefused = false;
  let isOver = false;
  client.on("connectionStateChanged", (state) => {
    if (isOver) return;
    events.connectionChanged(state);
    if (state === "connected") isRefused = hasExpired = false;
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
  } catch (error) {
    isOver = true;
    void client.shutdown();
    throw error;
  }
  end = (reason) => {
    isOver = true;
    void client.shutdown();
    events.ended(reason);
  };
  return client;
}
