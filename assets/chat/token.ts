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

/** A storage; undefined in a frame of another site if the browser denies access. */
export function storage(name: "sessionStorage" | "localStorage"): Storage | undefined {
  try {
    return window[name];
  } catch {
    return undefined;
  }
}

let guestToken = storage("sessionStorage")?.getItem(GUEST_TOKEN) ?? null;

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
    storage("sessionStorage")?.setItem(GUEST_TOKEN, token);
  }
  return token;
}
