import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../../infra/endpoints.ts";
import { missingFileNote, readSettingsFiles } from "../../infra/settings/files.ts";
import { settingsJsonSchema, settingsSchemaFile } from "../../infra/settings/json-schema.ts";
import { fileSettings, settingsProblems } from "../../infra/settings/texts.ts";
import { exampleOf } from "../support/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "parley-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (file: string, content: object | string) =>
  writeFileSync(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
const settingsOf = (content: object | string) => {
  write("settings.json", content);
  return fileSettings(readSettingsFiles(undefined, folder));
};

const EXAMPLE = {
  CONVERSATION_RESPONDER: exampleOf("CONVERSATION_RESPONDER"),
  CORS_ORIGINS: ["https://app.example.com", "https://www.example.com"],
  PROXY_ADDRESSES: "+15017122661,whatsapp:+15017122661",
  TOKEN_TTL: 7_200,
  GUESTS: true,
  JWT_ISSUER: null,
};

describe("settings.json", () => {
  it("has values in their own types or as text, which become the texts that handlers read", async () => {
    expect(await settingsOf({ $schema: "./x.json", ...EXAMPLE })).toEqual({
      problems: [],
      texts: {
        CONVERSATION_RESPONDER: JSON.stringify(EXAMPLE.CONVERSATION_RESPONDER),
        CORS_ORIGINS: "https://app.example.com,https://www.example.com",
        PROXY_ADDRESSES: EXAMPLE.PROXY_ADDRESSES,
        TOKEN_TTL: "7200",
        GUESTS: "true",
      },
    });
  });

  it.each<[object | string, string]>([
    [{ AUTH_TOKEN: "x" }, "AUTH_TOKEN is a secret: set it in .env"],
    [{ TOKEN_SERVICE_USERS: {} }, "TOKEN_SERVICE_USERS is a secret"],
    [{ BASIC_CREDENTIALS: {} }, "BASIC_CREDENTIALS is a secret"],
    [{ TWILIO_BASE_URL: "http://localhost" }, "TWILIO_BASE_URL cannot be a setting of a deployment"],
    [{ PROXY_ADRESSES: "x" }, "PROXY_ADRESSES is read by no endpoint; did you mean PROXY_ADDRESSES?"],
    [{ token_ttl: 7_200 }, "token_ttl is read by no endpoint; did you mean TOKEN_TTL?"],
    [{ x: 1 }, "x is read by no endpoint; .env.example describes every setting"],
    ['{"__proto__": 1}', "__proto__ is read by no endpoint; .env.example describes"],
    [
      { LOG_RETENTION_DAYS: 30 },
      "LOG_RETENTION_DAYS is read by no endpoint; a parameter of the AWS template",
    ],
    [{ GUESTS: "yes" }, 'GUESTS must be "true" or "false"'],
    [{ GUESTS: 1 }, "GUESTS must be true or false"],
    [{ TOKEN_TTL: 5 }, "TOKEN_TTL must lie between 1200 and 86400"],
    [{ CORS_ORIGINS: ["a,b"] }, "CORS_ORIGINS must be a list of texts without commas"],
    [{ CORS_ORIGINS: "example.com" }, "CORS_ORIGINS must be origins as browsers send them"],
    [{ CORS_ORIGINS: ["https://a.example.com", "https://b.example.com/"] }, "CORS_ORIGINS must be origins"],
    [{ CORS_ORIGINS: "https://a.example.com:443" }, "CORS_ORIGINS must be origins"],
    [{ MEDIA_TYPES: "image/*,foo" }, "MEDIA_TYPES must be media types in lower case, such as"],
    [{ MEDIA_TYPES: "*/*" }, "MEDIA_TYPES must be media types"],
    [{ PROXY_ADDRESSES: { a: 1 } }, "PROXY_ADDRESSES must be a list"],
    [{ PRE_EVENT_RULES: 5 }, "PRE_EVENT_RULES must be a JSON object"],
    [{ PRE_EVENT_RULES: { longestBody: "x" } }, "PRE_EVENT_RULES, at longestBody, "],
    [{ POST_EVENT_REACTIONS: { archive: "elsewhere" } }, 'POST_EVENT_REACTIONS, at archive, must be "log"'],
  ])("names the file, the setting and what to do: %j", async (content, message) => {
    const { problems } = await settingsOf(content);
    expect(problems).toEqual([expect.stringContaining(`settings.json: ${message}`)]);
  });

  it("accepts every form of origin and media type", async () => {
    const CORS_ORIGINS = ["*", "http://localhost:3000", "capacitor://localhost"];
    const { problems } = await settingsOf({ CORS_ORIGINS, MEDIA_TYPES: ["image/*", "image/svg+xml"] });
    expect(problems).toEqual([]);
  });

  it("can be replaced setting by setting for an environment", async () => {
    write("settings.json", { TOKEN_TTL: 7_200, GUESTS: true, OPENING_HOURS: { timeZone: "UTC" } });
    write("settings.stage.json", {
      GUESTS: "",
      OPENING_HOURS: { timeZone: "Europe/Berlin", week: {} },
      TOKEN_TTL: 5,
    });
    const { texts, problems } = await fileSettings(readSettingsFiles("stage", folder));
    expect(texts.OPENING_HOURS).toBe('{"timeZone":"Europe/Berlin","week":{}}');
    expect(texts).not.toHaveProperty("GUESTS");
    expect(problems).toEqual(["settings.stage.json: TOKEN_TTL must lie between 1200 and 86400"]);
    expect(readSettingsFiles("none", folder).get("TOKEN_TTL")?.value).toBe(7_200);
    expect(readSettingsFiles(undefined, join(folder, "nowhere")).size).toBe(0);
    expect(() => readSettingsFiles("../x", folder)).toThrow("--environment: ../x must consist of");
  });

  it("is checked in the files of all environments, whichever is chosen", async () => {
    write("settings.json", { TOKEN_TTL: 5 });
    write("settings.stage.json", { TOKEN_TTL: 7_200, TWILIO_API_KEY_SECRET: "x" });
    write("settings.test.json", { GUESTS: 1 });
    const problems = await settingsProblems(folder);
    expect(problems).toEqual([
      "settings.json: TOKEN_TTL must lie between 1200 and 86400",
      expect.stringContaining("settings.stage.json: TWILIO_API_KEY_SECRET is a secret"),
      "settings.test.json: GUESTS must be true or false",
    ]);
  });

  it("has a note for an environment without a file where others have one", () => {
    const other = mkdtempSync(join(folder, "notes-"));
    expect(missingFileNote("stgae", other)).toBeUndefined();
    writeFileSync(join(other, "settings.stage.json"), "{}");
    expect(missingFileNote("stgae", other)).toContain("settings.stgae.json does not exist");
    expect(missingFileNote("stage", other)).toBeUndefined();
    expect(missingFileNote(undefined, other)).toBeUndefined();
  });

  it.each([
    ['{"GUESTS": true', /^settings.json: .*JSON/],
    ["[]", /^settings.json must be a JSON object/],
  ])("is rejected if it is no JSON object: %s", (text, message) => {
    write("settings.json", text);
    expect(() => readSettingsFiles(undefined, folder)).toThrow(message);
  });

  it("has a JSON Schema for editors, generated by npm run reference, which accepts what the build accepts", async () => {
    const text = readFileSync(join(root, settingsSchemaFile), "utf8");
    expect(text).toBe(await settingsJsonSchema());
    const validate = new Ajv({ allowUnionTypes: true, validateFormats: false }).compile(JSON.parse(text));
    const repository = JSON.parse(readFileSync(join(root, "settings.json"), "utf8"));
    for (const content of [EXAMPLE, repository])
      expect(validate(content), JSON.stringify(validate.errors)).toBe(true);
    for (const content of [{ AUTH_TOKEN: "x" }, { GUESTS: 1 }, { PRE_EVENT_RULES: { longestBody: "x" } }])
      expect(validate(content)).toBe(false);
  });
});
