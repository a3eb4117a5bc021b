/** What the page that embeds or links to this one says, in the fragment of the URL, which no server sees. */
export interface Settings {
  /** A JWT of the company's issuer. */
  readonly bearer: string | undefined;
  /** Whether to come in as a guest without asking. */
  readonly isGuest: boolean;
  /** SID or unique name of the conversation to open. */
  readonly conversation: string | undefined;
  /** An access token, for the emulator alone: its console makes one for any chat user. */
  readonly accessToken: string | undefined;
  /** The emulator's WebSocket, in development. */
  readonly socketUrl: string | undefined;
  /** How much the SDK logs; nothing unless given. */
  readonly logLevel: LogLevel;
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Reads `#bearer=…&guest=true&conversation=…&socket=…&token=…&log=…` and takes it out of the address bar and the history. */
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

/** A WebSocket on this machine. Any other would get the person's access token because a link says so. */
function loopback(text: string | null): string | undefined {
  if (text === null || !URL.canParse(text)) return undefined;
  const { protocol, hostname } = new URL(text);
  const isLocal = ["127.0.0.1", "localhost"].includes(hostname);
  return isLocal && /^wss?:$/.test(protocol) ? text : undefined;
}
