/** Settings from the embedding or linking page, in the fragment of the URL, which is not sent to any server. */
export interface Settings {
  /** A JWT of the company's issuer. */
  readonly bearer: string | undefined;
  /** Whether to sign in as a guest immediately. */
  readonly isGuest: boolean;
  /** SID or unique name of the conversation to open. */
  readonly conversation: string | undefined;
  /** An access token, for the emulator only: its console creates one for any chat user. */
  readonly accessToken: string | undefined;
  /** The URL of the emulator's WebSocket, in development. */
  readonly socketUrl: string | undefined;
  /** The SDK's log level; silent by default. */
  readonly logLevel: LogLevel;
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Reads `#bearer=…&guest=true&conversation=…&socket=…&token=…&log=…` and removes it from the address bar and the history. */
export function readSettings(): Settings {
  const given = new URLSearchParams(location.hash.slice(1));
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
  const socketUrl = loopback(given.get("socket"));
  return {
    bearer: given.get("bearer") ?? undefined,
    isGuest: given.get("guest") === "true",
    conversation: given.get("conversation") ?? undefined,
    socketUrl,
    accessToken: socketUrl === undefined ? undefined : (given.get("token") ?? undefined),
    logLevel: LOG_LEVELS.find((level) => level === given.get("log")) ?? "silent",
  };
}

/** A WebSocket URL on localhost only: with any other, a link could send the user's access token elsewhere. */
function loopback(text: string | null): string | undefined {
  if (text === null || !URL.canParse(text)) return undefined;
  const { protocol, hostname } = new URL(text);
  const isLocal = ["127.0.0.1", "localhost"].includes(hostname);
  return isLocal && /^wss?:$/.test(protocol) ? text : undefined;
}
