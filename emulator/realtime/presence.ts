import type { Cancel, Clock } from "../clock.ts";
import type { Service } from "../domain/account-model.ts";
import type { User } from "../domain/model.ts";
import { setOnline } from "../domain/reachability.ts";
import type { Resources } from "../domain/resources.ts";

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

  arrive(resources: Resources, service: Service, user: User): void {
    this.#leaving.get(user)?.();
    this.#leaving.delete(user);
    this.#counts.set(user, (this.#counts.get(user) ?? 0) + 1);
    if (!user.online) setOnline(resources, service, user, true);
  }

  /** Continues with a stored account: the users who were online have lost their connections. */
  resume(resources: Resources): void {
    for (const service of resources.services.values())
      for (const user of service.users.values()) if (user.online) this.#leaveLater(resources, service, user);
  }

  /** Removes a connection that has ended. `isFinal`: the SDK has closed it. */
  leave(resources: Resources, service: Service, user: User, isFinal: boolean): void {
    const count = (this.#counts.get(user) ?? 1) - 1;
    if (count > 0) {
      this.#counts.set(user, count);
      return;
    }
    this.#counts.delete(user);
    if (isFinal) setOnline(resources, service, user, false);
    else this.#leaveLater(resources, service, user);
  }

  #leaveLater(resources: Resources, service: Service, user: User): void {
    const go = () => {
      this.#leaving.delete(user);
      setOnline(resources, service, user, false);
    };
    this.#leaving.set(user, this.#clock.schedule(this.#clock.now() + grace, go));
  }
}
