import { STATUS_CODES } from "node:http";
import type { WebSocket } from "ws";
import type { Cancel } from "../clock.ts";
import { isoMillis } from "../dates.ts";
import { type TokenBearer, verifyAccessToken } from "../domain/access-token.ts";
import { objectEntries } from "../domain/content.ts";
import { ApiError } from "../domain/errors.ts";
import { sdkOf } from "../domain/reachability.ts";
import { ensureUser } from "../domain/users.ts";
import type { Host } from "../http/host.ts";
import { errorResponse, internalError } from "../http/response.ts";
import { answerRequest } from "./answer.ts";
import { answerWithFaults } from "./faults.ts";
import { type Packet, readPacket, writePacket } from "./packet.ts";
import type { Realtime, SdkConnection, Session } from "./realtime.ts";

/** How long before the expiry of its token an SDK is warned: three minutes, or half of a shorter lifetime (assumed). */
const warningMs = 180_000;

interface OpenSession extends Session {
  readonly leave: (isFinal: boolean) => void;
}

/** One socket of an SDK, from its opening to its end. */
export class Connection implements SdkConnection {
  readonly id: string;
  readonly mediaOrigin: string;
  readonly #realtime: Realtime;
  readonly #socket: WebSocket;
  #session: OpenSession | undefined;
  #timers: readonly Cancel[] = [];
  #isClosedBySdk = false;

  constructor(realtime: Realtime, socket: WebSocket, host: Host) {
    this.#realtime = realtime;
    this.#socket = socket;
    this.id = realtime.options.ids.hex();
    // Media are served over HTTP: by the host of the same region, or by the host that the SDK was configured with.
    this.mediaOrigin = host.product === undefined ? host.origin : host.origin.replace("//tsock.", "//mcs.");
    socket.on("error", () => socket.terminate());
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      const packet = isBinary ? readPacket(data) : undefined;
      if (packet !== undefined) this.#receive(packet);
      else realtime.options.log("realtime: a message that is not a packet of the SDK was ignored");
    });
  }

  get identity(): string {
    return this.#session?.bearer.identity ?? "";
  }

  get pushCredentialSid(): string | undefined {
    return this.#session?.bearer.pushCredentialSid;
  }

  send(packet: Buffer): void {
    this.#realtime.outbox.send(this.#socket, packet);
  }

  /** Closes the socket without a closing handshake. */
  cut(): void {
    this.#socket.terminate();
  }

  /** Ends the session: the socket is closed, or the token has expired. */
  ended(): void {
    this.#disarm();
    const session = this.#session;
    if (session === undefined) return;
    this.#note("disconnected");
    this.#session = undefined;
    session.leave(this.#isClosedBySdk);
  }

  /** Who is signed in on this connection. */
  session(): Session | undefined {
    return this.#session;
  }

  #receive(packet: Packet): void {
    switch (packet.method) {
      case "init":
        this.#signIn(packet);
        return;
      case "update":
        this.#renew(packet);
        return;
      case "message":
        void this.#answer(packet);
        return;
      case "close":
        this.#isClosedBySdk = true;
        this.#reply(packet, ok);
        return;
      // Acknowledgements, and reports about the SDK itself.
      default:
        return;
    }
  }

  #signIn(packet: Packet): void {
    const { resources } = this.#realtime;
    const bearer = this.#verify(packet);
    if (bearer === undefined) return;
    const { service, identity } = bearer;
    const user = ensureUser(resources, service, identity, sdkOf(identity));
    this.#session?.leave(true);
    const metadata = objectEntries(packet.header.get("metadata"));
    const sdkVersion = String(metadata?.get("sdkv") ?? "");
    if (/^[01]\./.test(sdkVersion)) this.#realtime.options.log(unsupported(sdkVersion));
    this.#session = {
      bearer,
      user,
      since: this.#realtime.options.clock.now(),
      sdkVersion,
      platform: String(metadata?.get("env") ?? ""),
      leave: this.#realtime.assign(this, service, user),
    };
    this.#arm(bearer);
    this.#note("connected");
    this.#reply(packet, {
      ...ok,
      continuation_token: packet.header.get("continuation_token") ?? this.#realtime.options.ids.uuid(),
      continuation_token_status: { reissued: true },
      capabilities: ["client_update"],
      init_registrations: [],
      debug_info: {},
    });
  }

  /** Replaces the token by another one of the same user. */
  #renew(packet: Packet): void {
    const session = this.#session;
    if (session === undefined) {
      this.#reply(packet, notSignedIn);
      return;
    }
    const bearer = this.#verify(packet);
    if (bearer === undefined) return;
    if (bearer.identity !== session.bearer.identity || bearer.service !== session.bearer.service) {
      const description = "The token belongs to another user";
      this.#reply(packet, { status: { code: 403, status: "Forbidden", description, errorCode: 20403 } });
      return;
    }
    this.#session = { ...session, bearer };
    this.#arm(bearer);
    this.#reply(packet, ok);
  }

  #verify(packet: Packet): TokenBearer | undefined {
    const token = packet.header.get("token");
    try {
      return verifyAccessToken(this.#realtime.resources, typeof token === "string" ? token : "");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status: code, code: errorCode, message: description } = error;
      this.#note("refused", errorCode);
      this.#reply(packet, { status: { code, status: STATUS_CODES[code] ?? "", description, errorCode } });
      return undefined;
    }
  }

  async #answer(packet: Packet): Promise<void> {
    const session = this.#session;
    if (session === undefined) {
      this.#reply(packet, notSignedIn);
      return;
    }
    const { service, identity } = session.bearer;
    const { timeline, clock, inFlight, log } = this.#realtime.options;
    const at = isoMillis(clock.now());
    const begun = clock.elapsed();
    const request = objectEntries(packet.header.get("http_request"));
    const [method, path] = [String(request?.get("method")), String(request?.get("path"))];
    let errorCode: number | undefined;
    const call = { service, user: session.user, connection: this, realtime: this.#realtime };
    const asked = { method, path, identity, conversation: /\/(CH[0-9a-f]{32})/.exec(path)?.[1] };
    const answer = await answerWithFaults(this.#realtime.options, asked, () =>
      inFlight.track(answerRequest(call, packet, request ?? new Map())),
    ).catch((error: unknown) => {
      if (!(error instanceof ApiError))
        log(`defect: ${method} ${path}: ${error instanceof Error ? error.stack : error}`);
      const refusal = error instanceof ApiError ? error : internalError;
      errorCode = refusal.code;
      return { ...errorResponse(refusal), follow: undefined };
    });
    if (answer === "cut") this.cut();
    if (answer === "cut" || answer === "never") return;
    const { status, body, follow } = answer;
    const httpStatus = { code: status, status: STATUS_CODES[status] ?? "" };
    this.#reply(packet, { ...ok, http_status: httpStatus, http_headers: {} }, body);
    follow?.();
    const durationMs = clock.elapsed() - begun;
    timeline.add({ at, kind: "sdk", identity, method, path, status, errorCode, durationMs });
  }

  #reply({ id }: Packet, header: object, body?: unknown): void {
    this.send(writePacket({ id, method: "reply", ...header }, body));
  }

  /** Schedules the announcement of a token's expiry, and the end of the session. */
  #arm({ expiresAt }: TokenBearer): void {
    this.#disarm();
    const { clock, ids } = this.#realtime.options;
    const header = () => ({ id: `RQ${ids.hex()}` });
    const warnAt = expiresAt - Math.min(warningMs, (expiresAt - clock.now()) / 2);
    const warn = () =>
      this.send(
        writePacket({ ...header(), method: "client_update", client_update_type: "token_about_to_expire" }),
      );
    const expire = () => {
      const description = "Access Token expired";
      const status = { code: 410, status: "TOKEN_EXPIRED", description, errorCode: 20104 };
      this.send(writePacket({ ...header(), method: "close", status }));
      // The SDK closes the socket; until then it receives neither replies nor notifications.
      this.ended();
    };
    this.#timers = [clock.schedule(warnAt, warn), clock.schedule(expiresAt, expire)];
  }

  #disarm(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
  }

  #note(action: "connected" | "refused" | "disconnected", errorCode?: number): void {
    const { timeline, clock } = this.#realtime.options;
    const { bearer, sdkVersion } = this.#session ?? {};
    const about = { identity: bearer?.identity, sdkVersion, errorCode };
    timeline.add({ at: isoMillis(clock.now()), kind: "connection", action, ...about });
  }
}

function unsupported(version: string): string {
  return `@twilio/conversations ${version} is not supported: versions before 2 have another protocol. Install 2.1 or later.`;
}

const notSignedIn = { status: { code: 401, status: "Unauthorized", description: "Not signed in" } };
const ok = { status: { code: 200, status: "OK" } };
