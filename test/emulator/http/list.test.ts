import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Collection, type Member } from "../../../emulator/domain/collection.ts";
import { type ListSource, listResponse } from "../../../emulator/http/list.ts";
import { Params } from "../../../emulator/http/params.ts";

interface Page {
  readonly meta: Record<string, string | number | null>;
  readonly things: readonly string[];
}

function read(source: Partial<ListSource<Member>> & Pick<ListSource<Member>, "members">, url: string): Page {
  const complete = { key: "things", sidPrefix: "TH", defaultSize: 50, maxSize: 100, ...source };
  const query = Params.parse(url.split("?")[1] ?? "");
  const reply = listResponse("https://x/Things", query, { ...complete, present: (member) => member.sid });
  return reply.body as Page;
}

function collectionOf(names: readonly string[]): Collection<Member> {
  const collection = new Collection<Member>();
  for (const sid of names) collection.add({ sid, seq: collection.nextSeq() });
  return collection;
}

describe("a list", () => {
  it("has Twilio's envelope", () => {
    expect(read({ members: collectionOf(["a"]), filters: [["Address", "+1"]] }, "?Address=%2B1")).toEqual({
      meta: {
        page: 0,
        page_size: 50,
        first_page_url: "https://x/Things?Address=%2B1&PageSize=50&Page=0",
        previous_page_url: null,
        url: "https://x/Things?Address=%2B1&PageSize=50&Page=0",
        next_page_url: null,
        key: "things",
      },
      things: ["a"],
    });
  });

  it("is read completely and without repetition by following next_page_url, in both orders", () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 7 }), fc.boolean(), (sids, size, descending) => {
        const source = { members: collectionOf(sids), descending };
        const seen: string[] = [];
        let url: string | null = `?PageSize=${size}`;
        while (url !== null) {
          const page: Page = read(source, url);
          seen.push(...page.things);
          url = page.meta.next_page_url as string | null;
        }
        expect(seen).toEqual(descending ? sids.toReversed() : sids);
      }),
    );
  });

  it("meets every member that stays exactly once while others come and go", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), (changes, size) => {
        const members = collectionOf(Array.from({ length: 20 }, (_, i) => `first${i}`));
        const kept = new Set([...members.values()].map(({ sid }) => sid));
        const seen: string[] = [];
        let url: string | null = `?PageSize=${size}`;
        let added = 0;
        while (url !== null) {
          const page: Page = read({ members }, url);
          seen.push(...page.things);
          url = page.meta.next_page_url as string | null;
          const [adds, which] = changes[seen.length] ?? [true, 0];
          const victim = [...members.values()][which];
          if (adds && added < 5) {
            members.add({ sid: `added${added}`, seq: members.nextSeq() });
            added += 1;
          } else if (victim !== undefined && kept.has(victim.sid)) {
            members.delete(victim);
            kept.delete(victim.sid);
          }
        }
        expect(new Set(seen).size).toBe(seen.length);
        for (const sid of kept) expect(seen).toContain(sid);
      }),
    );
  });

  it("leads back with previous_page_url", () => {
    const source = { members: collectionOf(["a", "b", "c", "d", "e"]) };
    const second = read(source, String(read(source, "?PageSize=2").meta.next_page_url));
    expect(second.things).toEqual(["c", "d"]);
    const first = read(source, String(second.meta.previous_page_url));
    expect(first.things).toEqual(["a", "b"]);
    expect(first.meta).toMatchObject({ page: 0, previous_page_url: null });
  });

  it("lowers a page size above the resource's maximum, and refuses one above 1000", () => {
    const source = { members: collectionOf([]) };
    expect(read(source, "?PageSize=500").meta.page_size).toBe(100);
    expect(() => read(source, "?PageSize=1001")).toThrow("Page size too large");
  });

  it.each(["Page=-1", "Page=one", "Page=1.5", "PageSize=-1", "PageSize=0", "PageSize=1.5", "PageSize=many"])(
    "refuses %s",
    (query) => {
      expect(() => read({ members: collectionOf([]) }, `?${query}`)).toThrow(
        `Invalid Parameter: ${query.split("=")[0]}`,
      );
    },
  );

  it("starts at the beginning for a page without a token, whose number is the client's", () => {
    const { meta, things } = read({ members: collectionOf(["a", "b"]) }, "?PageSize=1&Page=7&PageToken=");
    expect(things).toEqual(["a"]);
    expect(meta.page).toBe(7);
  });

  it("refuses any token that it has not written", () => {
    const source = { members: collectionOf(["a"]) };
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (token) => {
        expect(() => read(source, `?PageToken=${encodeURIComponent(token)}`)).toThrow("Invalid PageToken");
      }),
    );
  });
});
