/** Which connections are notified of the changes of which objects. */
export class Subscriptions<Peer> {
  readonly #byObject = new Map<string, Set<Peer>>();
  readonly #byPeer = new Map<Peer, Set<string>>();

  add(sid: string, peer: Peer): void {
    enter(this.#byObject, sid, peer);
    enter(this.#byPeer, peer, sid);
  }

  remove(sid: string, peer: Peer): void {
    leave(this.#byObject, sid, peer);
    leave(this.#byPeer, peer, sid);
  }

  /** Removes all subscriptions of a peer. */
  drop(peer: Peer): void {
    for (const sid of this.#byPeer.get(peer) ?? []) leave(this.#byObject, sid, peer);
    this.#byPeer.delete(peer);
  }

  /** The subscribers of an object. */
  of(sid: string): ReadonlySet<Peer> {
    return this.#byObject.get(sid) ?? noPeers;
  }
}

const noPeers: ReadonlySet<never> = new Set();

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
