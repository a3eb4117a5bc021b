import { pairKey } from "../domain/resources.ts";

const windowMs = 24 * 60 * 60 * 1000;

/**
 * Customer service windows: each message from a person opens one for 24 hours to the sender they wrote to ("Using
 * WhatsApp with Conversations").
 */
export class ServiceWindows {
  readonly #closesAt: Map<string, number>;

  /** @param closesAt when each window closes, by its pair; it is changed. */
  constructor(closesAt: Map<string, number>) {
    this.#closesAt = closesAt;
  }

  /** Opens the window for a message from a person to a sender, in any conversation or none. */
  open(address: string, proxyAddress: string, now: number): void {
    this.#closesAt.set(pairKey(address, proxyAddress), now + windowMs);
  }

  isOpen(address: string, proxyAddress: string, now: number): boolean {
    return (this.#closesAt.get(pairKey(address, proxyAddress)) ?? 0) > now;
  }
}
