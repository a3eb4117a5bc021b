import type { Cancel, Clock } from "../clock.ts";
import type { Service } from "../domain/account-model.ts";
import type { User } from "../domain/model.ts";
import { setOnline } from "../domain/reachability.ts";
import type { World } from "../domain/world.ts";

/**
 * How long a user stays online after their last connection was lost, in milliseconds (assumed; "User Reachability
 * Indicator" says up to a couple of minutes), so that reloading a page does not make them go offline.
 */
const grace = 10_000;

/** Users are online while they have at least one connection. */
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

  /** Continues with a stored world: the users who were online have lost their connections. */
  resume(world: World): void {
    for (const service of world.services.values())
      for (const user of service.users.values()) if (user.online) this.#leaveLater(world, service, user);
  }

  /** Removes a connection that has ended. `isFinal`: the SDK has closed it. */
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
