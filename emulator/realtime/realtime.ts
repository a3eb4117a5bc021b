import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import type { Service } from "../domain/account-model.ts";
import type { ActionLimiter } from "../domain/action-limiter.ts";
import type { DomainEvent } from "../domain/events.ts";
import type { User } from "../domain/model.ts";
import type { World } from "../domain/world.ts";
import type { Faults } from "../faults/faults.ts";
import type { Host } from "../http/host.ts";
import type { Ids } from "../ids.ts";
import type { InFlight } from "../in-flight.ts";
import type { Timeline } from "../timeline.ts";
import { Connection } from "./connection.ts";
import type { SyncEvent } from "./events.ts";
import { sendFaulty } from "./faulty.ts";
import { SdkLimits } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import { writePacket } from "./packet.ts";
import { Presence } from "./presence.ts";
import { Projection } from "./projection.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Tracks } from "./tracks.ts";

/** What the realtime side works with. */
export interface RealtimeOptions {
  readonly world: () => World;
  readonly clock: Clock;
  /** A stream of its own, since connections are no state. */
  readonly ids: Ids;
  readonly tracks: Tracks;
  readonly inFlight: InFlight;
  readonly timeline: Timeline;
  readonly faults: Faults;
  /** Without one, rates are not limited. */
  readonly limiter: () => ActionLimiter | undefined;
  /** Resolves when what has happened so far will not be undone by a crash. */
  readonly committed: () => Promise<void>;
  readonly log: (message: string) => void;
}

/** A signed-in connection, as others see it. */
export interface Peer {
  /** A name that no other connection has. */
  readonly id: string;
  /** Where its SDK finds the media service. */
  readonly mediaOrigin: string;
  /** The credential for push notifications that its token names. */
  readonly pushCredentialSid: string | undefined;
  readonly identity: string;
  send(packet: Buffer): void;
  /** Breaks the connection. */
  cut(): void;
}

/** The SDKs that are connected in one life of the emulator, and what they are told. */
export class Realtime {
  readonly options: RealtimeOptions;
  readonly tracks: Tracks;
  readonly subscriptions = new Subscriptions<Peer>();
  readonly presence: Presence;
  readonly outbox: Outbox;
  readonly limits = new SdkLimits();
  readonly #projection: Projection;
  readonly #connections = new Set<Connection>();
  #isClosed = false;
  readonly #peers = new Map<User, Set<Peer>>();

  constructor(options: RealtimeOptions) {
    this.options = options;
    this.tracks = options.tracks;
    this.presence = new Presence(options.clock);
    this.outbox = new Outbox(options.committed, options.log);
    this.#projection = new Projection(this.tracks, (type, sid, make) => {
      const peers = this.subscriptions.of(sid);
      if (peers.size === 0) return;
      this.#tellAll(peers, `com.twilio.rtd.cds.${type}`, make());
    });
  }

  get world(): World {
    return this.options.world();
  }

  /** Whether one more connection may be made now. */
  mayConnect(): boolean {
    const { limiter, clock } = this.options;
    return limiter() === undefined || this.limits.mayConnect(this.#connections.size, clock.now());
  }

  /** Takes a socket that an SDK has opened to a host. */
  accept(socket: WebSocket, host: Host): void {
    const connection = new Connection(this, socket, host);
    this.#connections.add(connection);
    socket.once("close", () => {
      this.#connections.delete(connection);
      connection.ended();
    });
  }

  /** Tells those who look on what an event has changed. */
  handle(event: DomainEvent): void {
    this.#projection.handle(event);
  }

  /** A connection is a user's from now on; call the result when it has ended, with whether the SDK said so. */
  enter(peer: Peer, service: Service, user: User): (isFinal: boolean) => void {
    const peers = this.#peers.get(user);
    if (peers === undefined) this.#peers.set(user, new Set([peer]));
    else peers.add(peer);
    this.presence.arrive(this.world, service, user);
    return (isFinal) => {
      const left = this.#peers.get(user);
      left?.delete(peer);
      if (left?.size === 0) this.#peers.delete(user);
      this.subscriptions.drop(peer);
      if (!this.#isClosed) this.presence.leave(this.world, service, user, isFinal);
    };
  }

  /** Sends a message of a type to everything that some users have connected. */
  notify(service: Service, identities: readonly string[], messageType: string, payload: object): void {
    const users = identities.flatMap((identity) => service.usersByIdentity.get(identity) ?? []);
    const peers = users.flatMap((user) => [...(this.#peers.get(user) ?? [])]);
    if (peers.length > 0) this.#tellAll(peers, messageType, payload);
  }

  /** Sends an event to one connection. */
  tell(peer: Peer, messageType: string, event: SyncEvent & { readonly correlation_id: unknown }): void {
    this.#tellAll([peer], messageType, event);
  }

  /** Who is signed in, on every connection. */
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

  /** Cuts every connection; who was online stays so for whoever goes on with the state. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.cut();
  }

  #tellAll(peers: Iterable<Peer>, messageType: string, payload: object): void {
    const packet = this.#notification(messageType, payload);
    const isFaulty = this.options.faults.has("frame");
    for (const peer of peers) {
      const send = () => peer.send(packet);
      if (!isFaulty) send();
      else
        sendFaulty(this.options, { identity: peer.identity, messageType }, { send, cut: () => peer.cut() });
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
