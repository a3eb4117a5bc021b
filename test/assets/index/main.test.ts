import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { endpoints } from "../../../infra/endpoints.ts";
import { readFlows } from "../../../infra/studio/read.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

describe.each(platforms)("the index page on $name", (platform) => {
  const system = useSystem(platform);

  it("is served at the deployment's address, and names every endpoint and flow", async () => {
    const response = await fetch(`${system.current.url}/`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html; ?charset=utf-8$/i);
    const page = await response.text();
    expect(page).toContain("<h1>Parley</h1>");
    for (const { name } of endpoints()) expect(page).toContain(` /${name}</code>`);
    for (const file of readFlows().keys()) expect(page).toContain(`data-flow="${file}"`);
  });

  it("allows only its own style and script, and contains none of the deployment's settings", async () => {
    const page = await (await fetch(`${system.current.url}/`)).text();
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
    const hashOf = (element: string) => {
      const [, text = ""] = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page) ?? [];
      return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    };
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hashOf("script")}`,
      `style-src ${hashOf("style")}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    const { accountSid, chatServiceSid, apiKeySid, authToken } = system.current.account.emulator;
    for (const value of [accountSid, chatServiceSid, apiKeySid, authToken]) expect(page).not.toContain(value);
  });

  it("links the description of the endpoints, which is served beside it", async () => {
    const description = (await (await fetch(`${system.current.url}/openapi.json`)).json()) as object;
    expect(description).toHaveProperty("openapi", "3.1.1");
  });
});
