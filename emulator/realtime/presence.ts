import type { Cancel, Clock } from "../clock.ts";
import type { Service } from "../domain/account-model.ts";
import type { User } from "../domain/model.ts";
import { setOnline } from "../domain/reachability.ts";
import type { World } from "../domain/world.ts";

/**
 * How long a user whose last connection broke stays online, in milliseconds (assumed; "User Reachability Indicator"
 * speaks of up to a couple of minutes): a page that is loaded again is not seen to go.
 */
const grace = 10_000;

/** Users are online while they have a connection, in however many tabs. */
export class Presence {
  readonly #clock: Clock;
  readonly #counts = new Map<User, number>();
  readonly #leaving = new Map<User, Cancel>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  arrive(world: World, service: Service, user: User): void {
    this.#leaving.get(user)?.();
    this.#leaving.delete(user);
    this.#counts.set(user, (this.#counts.get(user) ?? 0) + 1);
    if (!user.online) setOnline(world, service, user, true);
  }

  /** Goes on with a world that was stored: who was online then has lost their connection. */
  resume(world: World): void {
    for (const service of world.services.values())
      for (const user of service.users.values()) if (user.online) this.#leaveLater(world, service, user);
  }

  /** A connection has ended; `isFinal` when the SDK said so. */
  leave(world: World, service: Service, user: User, isFinal: boolean): void {
    const count = (this.#counts.get(user) ?? 1) - 1;
    if (count > 0) {
      this.#counts.set(user, count);
      return;
    }
    this.#counts.delete(user);
    if (isFinal) setOnline(world, service, user, false);
    else this.#leaveLater(world, service, user);
  }

  #leaveLater(world: World, service: Service, user: User): void {
    const go = () => {
      this.#leaving.delete(user);
      setOnline(world, service, user, false);
    };
    this.#leaving.set(user, this.#clock.schedule(this.#clock.now() + grace, go));
  }
}
