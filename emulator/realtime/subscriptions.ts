/** Which connections are notified of the changes of which objects. */
export class Subscriptions<Subscriber> {
  readonly #byObject = new Map<string, Set<Subscriber>>();
  readonly #bySubscriber = new Map<Subscriber, Set<string>>();

  add(sid: string, subscriber: Subscriber): void {
    enter(this.#byObject, sid, subscriber);
    enter(this.#bySubscriber, subscriber, sid);
  }

  remove(sid: string, subscriber: Subscriber): void {
    leave(this.#byObject, sid, subscriber);
    leave(this.#bySubscriber, subscriber, sid);
  }

  /** Removes all subscriptions of a subscriber. */
  drop(subscriber: Subscriber): void {
    for (const sid of this.#bySubscriber.get(subscriber) ?? []) leave(this.#byObject, sid, subscriber);
    this.#bySubscriber.delete(subscriber);
  }

  /** The subscribers of an object. */
  of(sid: string): ReadonlySet<Subscriber> {
    return this.#byObject.get(sid) ?? noSubscribers;
  }
}

const noSubscribers: ReadonlySet<never> = new Set();

function enter<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function leave<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
