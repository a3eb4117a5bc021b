import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bundleFile, endpoints, root, targetsOf } from "../../infra/endpoints.ts";
import type { Purpose } from "../../tools/build/contents.ts";
import { straysOf } from "../../tools/build/contents.ts";
import dates from "../../tools/build/dates.ts";
import { noticesOf } from "../../tools/build/notices.ts";
import { trimmed } from "../../tools/build/trim.ts";

/** The resources below a conversation, as reported by the build of a bundle. */
function subResourcesIn(bundle: string): string[] {
  const modules = readFileSync(join(root, "dist/maps", `${bundle}.txt`), "utf8");
  return ["message", "participant", "webhook", "message/deliveryReceipt"].filter((name) =>
    modules.includes(`/v1/conversation/${name}.js `),
  );
}

const optionsFor = (contents: string): BuildOptions => ({
  stdin: { contents, resolveDir: root, loader: "ts" },
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  outfile: "out.js",
});

/** A program's exports, bundled like the functions. */
async function bundled(contents: string): Promise<Record<string, unknown>> {
  const options = optionsFor(contents);
  const { outputFiles } = await build({ ...options, plugins: await trimmed(options), write: false });
  const module = { exports: {} };
  new Function("require", "module", outputFiles[0]?.text ?? "")(createRequire(import.meta.url), module);
  return module.exports;
}

describe("npm run build", () => {
  it.each([
    ["--help", 0, /^npm run build \[-- options\]/, /^$/],
    ["--nosuch", 2, /^$/, /^Unknown option '--nosuch'[^\n]*\nTry npm run build -- --help\.\n$/],
  ])("answers %s without building", (option, code, out, err) => {
    const args = [join(root, "tools/build/main.ts"), option];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status).toBe(code);
    expect(stdout).toMatch(out);
    expect(stderr).toMatch(err);
  });
});

describe("THIRD-PARTY-NOTICES.txt", () => {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const sectionsOf = (text: string) => text.split(`\n${"=".repeat(80)}\n\n`).slice(1);

  it("has every package of the functions with its license, as the last build wrote it", () => {
    const lists = readdirSync(join(root, "dist/maps"), { recursive: true, encoding: "utf8" });
    const modules = lists
      .filter((name) => name.endsWith(".txt"))
      .flatMap((name) => read(join("dist/maps", name)).split("\n"))
      .map((line) => line.split(" ", 1)[0] ?? "");
    const written = read("dist/THIRD-PARTY-NOTICES.txt");
    const expected = sectionsOf(noticesOf(modules));
    const names = expected.map((section) => section.split(" ", 1)[0]);
    expect(names).toEqual(
      expect.arrayContaining(["@middy/core", "jose", "twilio", "unhomoglyph", "valibot"]),
    );
    expect(sectionsOf(written)).toEqual(expect.arrayContaining(expected));
    expect(noticesOf(modules.reverse())).toBe(noticesOf(modules));
  });

  it("has the packages of the emulator, and those of the chat page beside the page", () => {
    expect(read("dist/THIRD-PARTY-NOTICES.txt")).toContain("\nliquidjs ");
    const ofPage = read("dist/twilio/assets/chat/THIRD-PARTY-NOTICES.txt");
    expect(ofPage).toContain("\n@twilio/conversations ");
    expect(ofPage).not.toContain("\nliquidjs ");
  });

  it("has the license's own text for a package that ships none, and the license of generated data", () => {
    const [middy = ""] = sectionsOf(noticesOf(["node_modules/@middy/core/index.js"]));
    expect(middy).toMatch(/^@middy\/core .*\(MIT\)\n\nCopyright \(c\) Middy contributors\n/);
    expect(middy).toContain("Permission is hereby granted");
    expect(middy).not.toContain("<year>");
    const [data = ""] = sectionsOf(noticesOf(["handlers/webhooks/moderation/confusables.ts"]));
    expect(data).toMatch(/^unhomoglyph .*MIT AND Unicode-3.0/);
    expect(data).toContain("UNICODE LICENSE V3");
  });

  it("is not written for a package whose license was not reviewed", () => {
    expect(() => noticesOf(["node_modules/axe-core/axe.js"])).toThrow(
      'axe-core 4.14.1 has the license "MPL-2.0"',
    );
  });
});

describe("a bundle", () => {
  it("contains no descriptions of schemas, which only the reference reads", () => {
    const files = endpoints().flatMap((endpoint) =>
      targetsOf(endpoint).map((target) => bundleFile(endpoint, target)),
    );
    // Valibot's functions for descriptions: they are in a bundle if one of its schemas has one.
    expect(files.filter((file) => readFileSync(file, "utf8").includes('kind:"metadata"'))).toEqual([]);
  });

  it.each([
    ["twilio/functions/conversations/close.js", []],
    ["lambda/conversations/send/index.js", ["message", "participant"]],
    ["twilio/functions/conversations/detach-webhooks.js", ["webhook"]],
    [
      "lambda/webhooks/post-event-consumer/index.js",
      ["message", "participant", "webhook", "message/deliveryReceipt"],
    ],
  ])("%s contains the resources that it uses: %j", (bundle, expected) => {
    expect(subResourcesIn(bundle)).toEqual(expected);
  });

  it("contains only those of the official package's optional methods that it uses", () => {
    const files = endpoints().flatMap((endpoint) =>
      targetsOf(endpoint).map((target) => bundleFile(endpoint, target)),
    );
    const naming = (text: string) => files.filter((file) => readFileSync(file, "utf8").includes(text));
    expect(naming("HttpInfo")).toEqual([]);
    expect(naming("inspect.custom")).toEqual([]);
    // The archive and the export write resources as JSON.
    const writers = ["post-event.protected.js", "post-event-consumer/index.js", "export.js"].concat([
      "export/index.js",
      "export-consumer/index.js",
    ]);
    const found = naming("toJSON(){return this._solution");
    expect(found.filter((file) => !writers.some((writer) => file.endsWith(`/${writer}`)))).toEqual([]);
    expect(found).toHaveLength(writers.length);
  });

  it("throws a clear error on access to an omitted resource", async () => {
    const { reach } = await bundled(`
      import { ConversationListInstance } from "twilio/lib/rest/conversations/v1/conversation.js";
      export const reach = (name: string) => ConversationListInstance({} as never)("CH1")[name].list;
    `);
    if (typeof reach !== "function") throw new Error("The program exports reach.");
    expect(() => reach("messages")).toThrow("messages are not in this bundle");
  });

  describe("parses dates", () => {
    const load = createRequire(createRequire(import.meta.url).resolve("twilio"));
    const dayjs = load("dayjs");
    dayjs.extend(load("dayjs/plugin/utc"));
    const pattern = "YYYY-MM-DD[T]HH:mm:ss[Z]";

    it("as the official package does", () => {
      const moments = fc.date({
        min: new Date("2000-01-01"),
        max: new Date("2100-01-01"),
        noInvalidDate: true,
      });
      fc.assert(
        fc.property(moments, (date) => {
          for (const text of [date.toISOString(), `${date.toISOString().slice(0, 19)}Z`]) {
            expect(dates.utc(text).toDate()).toEqual(dayjs.utc(text, pattern).toDate());
          }
          expect(dates.utc(date).format(pattern)).toBe(dayjs.utc(date).format(pattern));
          expect(dates.utc(date).format("YYYY-MM-DD")).toBe(dayjs.utc(date).format("YYYY-MM-DD"));
        }),
      );
    });

    it.each([null, "", "soon"])("and keeps %j unchanged", (text) => {
      expect([dates.utc(text).isValid(), dayjs.utc(text, pattern).isValid()]).toEqual([false, false]);
    });
  });
});

describe("the build rejects in a bundle", () => {
  const access = { schemes: ["X-Twilio-Signature"], entries: {} };
  const moderation: Purpose = { target: "twilio", handler: { variables: ["AUTH_TOKEN"], access } };

  it.each([
    ["jose", `export { jwtVerify } from "jose";`],
    [
      "Twilio's resource classes",
      `export { UserListInstance } from "twilio/lib/rest/conversations/v1/user.js";`,
    ],
    ["Twilio's own HTTP client", `export { default } from "twilio/lib/base/RequestClient.js";`],
    ["middy", `export { default } from "@middy/core";`],
    ["Node's HTTP client", `import http from "node:http"; export const send = http.request;`],
    ["AWS's signatures", `export { signV4 } from "./core/aws/signature-v4.ts";`],
  ])("%s that is not needed", async (name, contents) => {
    const { metafile } = await build({ ...optionsFor(contents), metafile: true, write: false });
    expect(straysOf(metafile, moderation).join()).toContain(name);
  });

  it("nothing that is needed", async () => {
    const contents = `export { UserListInstance } from "twilio/lib/rest/conversations/v1/user.js";`;
    const options = optionsFor(contents);
    const plugins = await trimmed(options);
    const { metafile } = await build({ ...options, plugins, metafile: true, write: false });
    const handler = {
      variables: ["ACCOUNT_SID", "TWILIO_BASE_URL"],
      access: { schemes: ["Authorization: Bearer"], entries: {} },
    };
    expect(straysOf(metafile, { target: "lambda", handler })).toEqual([]);
  });
});
