import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSettings } from "../../../infra/settings/texts.ts";
import { writeSettings } from "../../../tools/build/settings.ts";
import { accessTokenPayload, bearer } from "../../support/credentials.ts";
import { postJson } from "../../support/http.ts";
import { copyOfBuild, platforms } from "../../support/platforms.ts";
import { attended } from "../../support/responder.ts";
import { exampleOf } from "../../support/settings.ts";
import { CUSTOMER, System } from "../../support/system.ts";

const SETTINGS = {
  CONVERSATION_RESPONDER: exampleOf("CONVERSATION_RESPONDER"),
  OPENING_HOURS: { timeZone: "UTC", week: {} },
  TOKEN_TTL: 7_200,
  GUESTS: true,
  PUBLIC_BASE_URL: "https://parley.example.com",
};

describe("the build's settings", () => {
  const folder = copyOfBuild();
  let texts: Readonly<Record<string, string>>;
  const read = (path: string) =>
    JSON.parse(readFileSync(join(folder, "dist", path, "settings.json"), "utf8"));

  beforeAll(async () => {
    const values = Object.entries(SETTINGS).map(([name, value]) => [name, { value, file: "" }] as const);
    const { texts: all, problems } = await fileSettings(new Map(values));
    expect(problems).toEqual([]);
    texts = all;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are beside each Lambda bundle those that it declares, and for Functions one private file", async () => {
    await writeSettings({ texts, variables: {} }, folder);
    const { PUBLIC_BASE_URL } = SETTINGS;
    expect(read("lambda/hours/check")).toEqual({
      ...{ OPENING_HOURS: JSON.stringify(SETTINGS.OPENING_HOURS), PUBLIC_BASE_URL },
    });
    expect(read("lambda/token")).toEqual({ TOKEN_TTL: "7200", GUESTS: "true", PUBLIC_BASE_URL });
    // The function in front of a queue reads only what checks the signature.
    expect(read("lambda/webhooks/conversation")).toEqual({ PUBLIC_BASE_URL });
    expect(read("lambda/webhooks/conversation-consumer")).toHaveProperty("CONVERSATION_RESPONDER");
    const asset = join(folder, "dist/twilio/assets/settings.private.json");
    expect(JSON.parse(readFileSync(asset, "utf8"))).toEqual(texts);
    const page = join(folder, "dist/twilio/assets/assets/index.html");
    expect(existsSync(page)).toBe(true);

    await writeSettings({ texts: {}, variables: { INDEX_PAGE: "false" } }, folder);
    expect(read("lambda/token")).toEqual({});
    expect(existsSync(asset)).toBe(false);
    expect(existsSync(page)).toBe(false);
  });

  describe.each(platforms)("on $name", (platform) => {
    let system: System;
    beforeAll(async () => {
      const { PUBLIC_BASE_URL: _, ...local } = texts;
      await writeSettings({ texts: local, variables: {} }, folder);
      system = await System.start(platform, { GUESTS: "false", OPENING_HOURS: "" }, undefined, folder);
    });
    afterAll(() => system?.stop());

    it("reach the responder, with the documented example, which is too long for a variable", async () => {
      await attended(system);
      await system.send(CUSTOMER, "What are your hours?");
      expect(await system.received(CUSTOMER)).toEqual(["We are here from nine to five."]);
    });

    it("apply unless a variable of their name is set; an empty one is not", async () => {
      const hours = await system.call("/hours/check", {}, { sub: "crm", scope: "conversations:read" });
      expect(hours.body).toMatchObject({ status: "closed", until: "never" });
      const { body } = await postJson(`${system.url}/token`, {}, await bearer({ sub: "alice" }));
      const { iat, exp } = await accessTokenPayload(String(body.token), system.account.emulator.apiKeySecret);
      expect(exp - iat).toBe(7_200);
      expect((await postJson(`${system.url}/token`, {})).status).toBe(401);
    });
  });
});
