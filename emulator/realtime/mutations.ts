/** How many changes are remembered. */
const mostRemembered = 10_000;

interface Made {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * The changes that SDKs have made, by the ID that each request for one has (`X-Twilio-Mutation-Id`). A request that
 * arrives again changes nothing: its answer is 202 with the URL of what the first one made or changed, which the SDK
 * fetches instead (SDK 3.0.1, `CommandExecutor.mutateResource`). How long Twilio remembers them is not known.
 */
export class Mutations {
  readonly #made = new Map<string, Promise<Made>>();

  /** Makes a change unless it was made before. One that has failed may be made again. */
  async once(key: string, make: () => Promise<Made>): Promise<Made> {
    const before = this.#made.get(key);
    if (before !== undefined) return repeated(await before);
    const made = make();
    this.#made.set(key, made);
    try {
      return await made;
    } catch (error) {
      this.#made.delete(key);
      throw error;
    } finally {
      const [oldest] = this.#made.keys();
      if (this.#made.size > mostRemembered && oldest !== undefined) this.#made.delete(oldest);
    }
  }
}

/** What was deleted cannot be fetched: its answer is the first one's. */
function repeated({ status, body }: Made): Made {
  const { url } = Object(body) as { readonly url?: unknown };
  return url === undefined ? { status, body } : { status: 202, body: { resource_url: url } };
}
