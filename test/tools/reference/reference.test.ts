import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { endpoints, root } from "../../../infra/endpoints.ts";
import { PLACEHOLDER } from "../../../tools/new/files.ts";
import { type Description, describeEndpoints } from "../../../tools/reference/description.ts";
import { entryPoints } from "../../../tools/reference/entry-points.ts";
import { readExample } from "../../../tools/reference/example.ts";
import { renewed } from "../../../tools/reference/markdown.ts";
import { pageOf, parametersOf } from "../../../tools/reference/page.ts";
import { referenceOf } from "../../../tools/reference/reference.ts";

let all: readonly Description[];
beforeAll(async () => {
  all = (await describeEndpoints()).all;
});

const find = (name: string): Description => {
  const found = all.find(({ endpoint }) => endpoint.name === name);
  if (found === undefined) throw new Error(`No endpoint ${name}.`);
  return found;
};

describe("the reference of the endpoints", () => {
  it("is up to date: npm run reference writes it", () => {
    const stale = [...referenceOf(all)].filter(([file, text]) => {
      const path = join(root, file);
      return !existsSync(path) || readFileSync(path, "utf8") !== text;
    });
    expect(stale.map(([file]) => file)).toEqual([]);
  });

  it("has an entry point in functions for each handler, and no other", async () => {
    const entries = await entryPoints();
    expect(
      endpoints()
        .map(({ functionFile }) => functionFile)
        .sort(),
    ).toEqual([...entries.keys()].sort());
    const stale = [...entries].filter(([file, text]) => readFileSync(join(root, file), "utf8") !== text);
    expect(stale.map(([file]) => file)).toEqual([]);
  });

  it.each(endpoints().map(({ name }) => name))("shows a valid call of %s", (name) => {
    const { handler, source, page = "" } = find(name);
    const { fields, answer } = readExample(page, name);
    const read = v.safeParse(handler.input, fields);
    expect(read.issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`) ?? []).toEqual([]);
    if (source.output.kind === "text") return expect(answer).toEqual(expect.any(String));
    const named = source.output.kind === "fields" ? source.output.fields : [];
    const given = Object.keys(v.parse(v.looseObject({}), answer));
    const unknown = given.filter((field) => !named.some((one) => one.name === field));
    expect(source.output.kind === "fields" ? unknown : []).toEqual([]);
    const missing = named.filter((one) => one.isAlwaysThere && !given.includes(one.name));
    expect(missing.map((one) => one.name)).toEqual([]);
  });

  it("has no page that still begins with the template of npm run new", () => {
    expect(all.filter(({ lead }) => lead === PLACEHOLDER).map(({ pageFile }) => pageFile)).toEqual([]);
  });

  it.each(endpoints().map(({ name }) => name))("describes every field of %s", (name) => {
    const { fieldComments } = find(name).source;
    expect([...fieldComments].filter(([, comment]) => comment === "").map(([field]) => field)).toEqual([]);
  });
});

describe("the step of a flow", () => {
  const steps = endpoints().filter(({ isProtected }) => !isProtected);

  it.each(steps.map(({ name }) => name))("sends valid texts to %s", (name) => {
    const { handler, page = "" } = find(name);
    const read = v.safeParse(handler.input, parametersOf(readExample(page, name)));
    expect(read.issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`) ?? []).toEqual([]);
  });
});

describe("a page that does not exist yet", () => {
  it("is drafted with all sections and a placeholder for the example", () => {
    const draft = pageOf({
      ...find("conversations/attach-studio"),
      page: undefined,
      lead: "Puts a flow on.",
    });
    expect(draft.match(/<!-- generated: \w+ -->/g)).toHaveLength(4);
    expect(draft).toContain("<!-- end -->\n\nPuts a flow on.\n\n");
    const { fields } = readExample(draft, "conversations/attach-studio");
    expect(fields).toEqual({ conversationSid: "", flowSid: "" });
    expect(v.safeParse(find("conversations/attach-studio").handler.input, fields).success).toBe(false);
    const file = "docs/endpoints/conversations/attach-studio.md";
    expect(pageOf({ ...find("conversations/attach-studio"), page: draft, pageFile: file })).toBe(draft);
  });

  it("has no Studio step where only Twilio may call", () => {
    const draft = pageOf({ ...find("webhooks/pre-event"), page: undefined, lead: "Moderates." });
    expect(draft).not.toContain("generated: step");
  });
});

describe("readExample", () => {
  it.each([
    [`curl $URL/a -d '{"b": 1}'`, { b: 1 }],
    [`curl $URL/a -d '{"b":\n  "c"}'`, { b: "c" }],
    [`curl -X POST $URL/a -d b=1 \\\n  --data-urlencode 'c=d=e'`, { b: "1", c: "d=e" }],
    ['curl "$URL/a?b=1&c=2"', { b: "1", c: "2" }],
    ["curl -X POST $URL/a", {}],
    ["curl $URL/a -d sid=CH…", { sid: `CH${"0".repeat(32)}` }],
  ])("parses %j", (command, fields) => {
    expect(readExample(`\`\`\`sh\n${command}\n# {"ok":true}\n\`\`\`\n`, "a")).toEqual({
      fields,
      answer: { ok: true },
    });
  });

  it.each(["curl $URL/ab", "curl $URL/a/b", "curl https://example.com/a"])(
    "finds no example of a in %j",
    (command) => {
      expect(() => readExample(`\`\`\`sh\n${command}\n\`\`\`\n`, "a")).toThrow("has no example");
    },
  );
});

describe("renewed", () => {
  const page = "Before\n<!-- generated: a -->\nold\n<!-- end -->\nAfter";

  it("replaces only the text between markers", () => {
    const text = renewed("p.md", page, { a: "$& new" });
    expect(text).toBe("Before\n<!-- generated: a -->\n\n$& new\n\n<!-- end -->\nAfter");
    expect(renewed("p.md", text, { a: "$& new" })).toBe(text);
  });

  it.each([
    [{ a: "", b: "" }, "p.md lacks <!-- generated: b -->"],
    [{}, 'p.md has marks of "a"'],
  ])("throws for markers that do not match: %j", (parts, message) => {
    expect(() => renewed("p.md", page, parts)).toThrow(message);
  });
});
