import type { Clock } from "../clock.ts";
import type { TokenBearer } from "../domain/access-token.ts";
import type { Service } from "../domain/account-model.ts";
import type { ActionLimiter } from "../domain/action-limiter.ts";
import type { DomainEvent } from "../domain/events.ts";
import type { User } from "../domain/model.ts";
import type { Resources } from "../domain/resources.ts";
import type { Faults } from "../faults/faults.ts";
import type { Ids } from "../ids.ts";
import type { InFlight } from "../in-flight.ts";
import type { Timeline } from "../timeline.ts";
import type { SyncEvent } from "./events.ts";
import { sendWithFaults } from "./faults.ts";
import { SdkLimits } from "./limits.ts";
import { Mutations } from "./mutations.ts";
import { Outbox } from "./outbox.ts";
import { writePacket } from "./packet.ts";
import { Presence } from "./presence.ts";
import { Projection } from "./projection.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Tracks } from "./tracks.ts";

/** What realtime connections depend on. */
export interface RealtimeOptions {
  readonly resources: () => Resources;
  readonly clock: Clock;
  /** Separate from the IDs of stored objects, since connections are not stored. */
  readonly ids: Ids;
  readonly tracks: Tracks;
  readonly inFlight: InFlight;
  readonly timeline: Timeline;
  readonly faults: Faults;
  /** Undefined while rates are not limited. */
  readonly limiter: () => ActionLimiter | undefined;
  /** Resolves when every change so far is on the disk. */
  readonly committed: () => Promise<void>;
  readonly log: (message: string) => void;
}

/** The sign-in of a user on a connection. */
export interface Session {
  readonly bearer: TokenBearer;
  readonly user: User;
  /** When it began, in milliseconds since the epoch. */
  readonly since: number;
  /** As the SDK reports them: "3.0.1", "Node.js". */
  readonly sdkVersion: string;
  readonly platform: string;
}

/** A connection of an SDK, signed in or not. */
export interface SdkConnection {
  /** Unique among connections. */
  readonly id: string;
  /** The origin of the media service for its SDK. */
  readonly mediaOrigin: string;
  /** The credential for push notifications that its token names. */
  readonly pushCredentialSid: string | undefined;
  readonly identity: string;
  session(): Session | undefined;
  send(packet: Buffer): void;
  /** Breaks the connection. */
  cut(): void;
}

/** The connections of SDKs in one run of the emulator, and the notifications that they get. */
export class Realtime {
  readonly options: RealtimeOptions;
  readonly tracks: Tracks;
  readonly subscriptions = new Subscriptions<SdkConnection>();
  readonly presence: Presence;
  readonly outbox: Outbox;
  readonly limits = new SdkLimits();
  readonly mutations = new Mutations();
  readonly #projection: Projection;
  readonly #connections = new Set<SdkConnection>();
  #isClosed = false;
  readonly #byUser = new Map<User, Set<SdkConnection>>();

  constructor(options: RealtimeOptions) {
    this.options = options;
    this.tracks = options.tracks;
    this.presence = new Presence(options.clock);
    this.outbox = new Outbox(options.committed, options.log);
    this.#projection = new Projection(this.tracks, (type, sid, make) => {
      const connections = this.subscriptions.of(sid);
      if (connections.size === 0) return;
      this.#notifyAll(connections, `com.twilio.rtd.cds.${type}`, make());
    });
  }

  get resources(): Resources {
    return this.options.resources();
  }

  /** Whether one more connection may be made now. */
  mayConnect(): boolean {
    const { limiter, clock } = this.options;
    return limiter() === undefined || this.limits.mayConnect(this.#connections.size, clock.now());
  }

  /** Adds a connection that was opened; call the result when it is closed. */
  add(connection: SdkConnection): () => void {
    this.#connections.add(connection);
    return () => this.#connections.delete(connection);
  }

  /** Notifies the subscribers of everything that an event has changed. */
  handle(event: DomainEvent): void {
    this.#projection.handle(event);
  }

  /** Assigns a connection to a user. Call the result when it ends; `isFinal`: the SDK has closed it. */
  assign(connection: SdkConnection, service: Service, user: User): (isFinal: boolean) => void {
    const connections = this.#byUser.get(user);
    if (connections === undefined) this.#byUser.set(user, new Set([connection]));
    else connections.add(connection);
    this.presence.arrive(this.resources, service, user);
    return (isFinal) => {
      const left = this.#byUser.get(user);
      left?.delete(connection);
      if (left?.size === 0) this.#byUser.delete(user);
      this.subscriptions.drop(connection);
      if (!this.#isClosed) this.presence.leave(this.resources, service, user, isFinal);
    };
  }

  /** Sends a notification to every connection of these users. */
  notify(service: Service, identities: readonly string[], messageType: string, payload: object): void {
    const users = identities.flatMap((identity) => service.usersByIdentity.get(identity) ?? []);
    const connections = users.flatMap((user) => [...(this.#byUser.get(user) ?? [])]);
    if (connections.length > 0) this.#notifyAll(connections, messageType, payload);
  }

  /** Sends a Sync event to one connection. */
  notifyConnection(
    connection: SdkConnection,
    messageType: string,
    event: SyncEvent & { readonly correlation_id: unknown },
  ): void {
    this.#notifyAll([connection], messageType, event);
  }

  /** The sessions of all connections. */
  sessions() {
    return [...this.#connections].flatMap((connection) => connection.session() ?? []);
  }

  /** Cuts the connections of a user in any service. Returns how many there were. */
  disconnect(identity: string): number {
    const theirs = [...this.#connections].filter(
      (connection) => connection.session()?.bearer.identity === identity,
    );
    for (const connection of theirs) connection.cut();
    return theirs.length;
  }

  /** Cuts every connection. Users stay online in the state, which the next run continues with. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.cut();
  }

  #notifyAll(connections: Iterable<SdkConnection>, messageType: string, payload: object): void {
    const packet = this.#notification(messageType, payload);
    const hasFaults = this.options.faults.has("frame");
    for (const connection of connections) {
      const send = () => connection.send(packet);
      if (!hasFaults) send();
      else
        sendWithFaults(
          this.options,
          { identity: connection.identity, messageType },
          { send, cut: () => connection.cut() },
        );
    }
  }

  #notification(messageType: string, payload: object): Buffer {
    const header = {
      id: `RQ${this.options.ids.hex()}`,
      method: "notification",
      message_type: messageType,
      notification_ctx_id: "ip_messaging",
    };
    return writePacket(header, payload);
  }
}
