import type { Clock } from "./clock.ts";
import { type AccountOptions, createWorld } from "./domain/account.ts";
import type { DomainEvent } from "./domain/events.ts";
import type { World } from "./domain/world.ts";
import { createIds } from "./ids.ts";
import { InFlight } from "./in-flight.ts";
import { Timeline } from "./timeline.ts";

export interface RuntimeOptions {
  readonly account: AccountOptions;
  readonly clock: Clock;
  readonly seed: string;
  readonly log: (message: string) => void;
}

/** One life of the emulator's state, from start to reset: the world and what acts on its events. */
export class Runtime {
  readonly world: World;
  readonly timeline = new Timeline();
  readonly inFlight = new InFlight();
  readonly #clock: Clock;

  constructor({ account, clock, seed }: RuntimeOptions) {
    this.#clock = clock;
    const publish = (_event: DomainEvent) => {};
    this.world = createWorld(account, clock, createIds(seed), () => undefined, publish);
  }

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

  /** Resolves when nothing is in flight and no timer is due. */
  async settle(): Promise<void> {
    do {
      this.#clock.runDue();
      await this.inFlight.idle();
    } while (this.#clock.hasDue() || this.inFlight.count > 0);
  }

  async advance(ms: number): Promise<void> {
    await this.settle();
    await this.#clock.advance(ms, () => this.settle());
  }

  dispose(): void {
    this.#clock.clear();
  }
}
