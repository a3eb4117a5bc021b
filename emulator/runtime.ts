import { fanOut } from "./channels/fan-out.ts";
import { type InboundMessage, type Routing, receive } from "./channels/inbound.ts";
import type { Network } from "./channels/network.ts";
import { Phones } from "./channels/phones.ts";
import { WhatsAppWindows } from "./channels/whatsapp.ts";
import type { Clock } from "./clock.ts";
import { type AccountOptions, createWorld } from "./domain/account.ts";
import type { DomainEvent } from "./domain/events.ts";
import type { World } from "./domain/world.ts";
import { WebhookDispatcher } from "./events/dispatcher.ts";
import { createIds, type Ids } from "./ids.ts";
import { InFlight } from "./in-flight.ts";
import { createTimeline, describeEvent } from "./timeline.ts";

/** What a life begins with. The same seed gives the same SIDs. */
export interface RuntimeOptions {
  readonly account: AccountOptions;
  readonly clock: Clock;
  readonly seed: string;
  readonly log: (message: string) => void;
}

/** One life of the emulator's state, from start to reset: the world, and what acts on its events. */
export class Runtime {
  readonly world: World;
  readonly clock: Clock;
  readonly phones = new Phones();
  readonly timeline = createTimeline();
  readonly inFlight = new InFlight();
  readonly webhooks: WebhookDispatcher;
  readonly log: (message: string) => void;
  /** A stream of its own, so that SIDs do not depend on how often somebody asked. */
  readonly requestIds: Ids;
  readonly #windows = new WhatsAppWindows();

  constructor({ account, clock, seed, log }: RuntimeOptions) {
    this.clock = clock;
    this.log = log;
    this.requestIds = createIds(`${seed}:requests`);
    const { inFlight, timeline } = this;
    const ids = createIds(`${seed}:webhooks`);
    this.webhooks = new WebhookDispatcher({
      account: () => this.world.account,
      clock,
      ids,
      inFlight,
      timeline,
      log,
    });
    this.world = createWorld(account, clock, createIds(seed), this.webhooks.gate, (event) =>
      this.#react(event),
    );
  }

  /** The credentials and defaults of the account. */
  credentials() {
    const { account, defaultService } = this.world;
    const [apiKeySid = "", apiKeySecret = ""] = [...account.apiKeys][0] ?? [];
    return {
      accountSid: account.sid,
      authToken: account.authToken,
      apiKeySid,
      apiKeySecret,
      chatServiceSid: defaultService.sid,
      messagingServiceSid: account.defaultMessagingServiceSid,
    };
  }

  /** Takes in a message that a person sends from a phone. */
  receive(message: InboundMessage): Promise<Routing> {
    return this.inFlight.track(receive(this.world, message, this.#network()));
  }

  /** Resolves when nothing is in flight and no timer is due. */
  async settle(): Promise<void> {
    do {
      this.clock.runDue();
      await this.inFlight.idle();
    } while (this.clock.hasDue() || this.inFlight.count > 0);
  }

  /**
   * Moves the clock forward by `ms`. What is in flight is waited for, before and after each timer on the way;
   * with `settle` false nothing is, which is how the time of a target that does not answer runs out.
   */
  async advance(ms: number, settle = true): Promise<void> {
    const wait = settle ? () => this.settle() : async () => {};
    await wait();
    await this.clock.advance(ms, wait);
    await wait();
  }

  /** Drops timers and webhooks; nothing more happens here. */
  dispose(): void {
    this.clock.clear();
    this.webhooks.close();
  }

  #react(event: DomainEvent): void {
    this.timeline.add(describeEvent(event));
    this.webhooks.handle(event);
    if (event.type === "onMessageAdded") fanOut(this.world, event.message, this.#network());
  }

  #network(): Network {
    return { clock: this.clock, phones: this.phones, windows: this.#windows, timeline: this.timeline };
  }
}
