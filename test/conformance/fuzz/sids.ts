import type { RawRequest } from "../send.ts";

const anySid = /[A-Z]{2}[0-9a-f]{32}/g;
const keptOfAKind = 40;

/** The SIDs in responses, for requests to resources that exist or existed recently. */
export class Sids {
  readonly #byPrefix = new Map<string, string[]>();
  readonly #excluded: readonly string[];

  /** `excluded` are never stored: SIDs of what no request may change. */
  constructor(excluded: readonly string[] = []) {
    this.#excluded = excluded;
  }

  /** Stores the SIDs in a text, the latest of each kind. */
  note(text: string): void {
    for (const [sid] of text.matchAll(anySid)) {
      const alike = this.#byPrefix.get(sid.slice(0, 2)) ?? [];
      if (!alike.includes(sid) && !this.#excluded.includes(sid))
        this.#byPrefix.set(sid.slice(0, 2), [...alike, sid].slice(-keptOfAKind));
    }
  }

  /** Replaces the recorded SIDs of a request by stored ones, selected by `choice`. */
  point(request: RawRequest, choice: number): RawRequest {
    const replace = (text: string) =>
      text.replace(anySid, (sid) => {
        const alike = this.#byPrefix.get(sid.slice(0, 2)) ?? [sid];
        return alike[choice % alike.length] ?? sid;
      });
    const { body } = request;
    return { ...request, url: replace(request.url), body: typeof body === "string" ? replace(body) : body };
  }
}
