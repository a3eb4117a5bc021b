/**
 * Counts what has begun and not ended: webhooks on the wire, deliveries between steps, requests being answered.
 * It is how `settle` knows that nothing more will happen by itself.
 */
export class InFlight {
  #count = 0;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  /** Counts one thing more; call the result once when it has ended. */
  begin(): () => void {
    this.#count += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#end();
    };
  }

  /** Counts `work` until it is fulfilled or rejected. */
  async track<T>(work: Promise<T>): Promise<T> {
    const end = this.begin();
    try {
      return await work;
    } finally {
      end();
    }
  }

  /** Waits without being counted until `begin`'s callback is called: for work that goes on at a later moment. */
  async suspend(begin: (resume: () => void) => void): Promise<void> {
    this.#end();
    await new Promise<void>((resolve) =>
      begin(() => {
        this.#count += 1;
        resolve();
      }),
    );
  }

  /** Resolves when nothing is counted. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #end(): void {
    this.#count -= 1;
    if (this.#count > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
