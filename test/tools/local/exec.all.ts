import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runMain, temporaryDirectory } from "../../emulator/support/process.ts";
import { chromiumPath } from "../../support/chromium.ts";
import { packagePath, program, useExec } from "../../support/exec.ts";

describe("npm run exec", () => {
  const start = useExec();

  it("runs the user's node, not the project's", async () => {
    const { stdout } = await start("sh", "-c", 'echo "$PATH"').ended;
    expect(stdout).not.toContain(fileURLToPath(new URL("../../../node_modules/.bin", import.meta.url)));
  });

  it("uses an emulator that is already running", async () => {
    const { ready } = runMain("--proxy", "--data", temporaryDirectory());
    const { url, caFile } = await ready;
    const file = program(`console.log(process.env.http_proxy, process.env.NODE_EXTRA_CA_CERTS);`);
    const { code, stdout } = await start("--emulator", url, "node", file).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${url} ${caFile}\n` });
    expect((await fetch(`${url}/_emulator/info`)).status).toBe(200);
  });

  it("runs a program that uses Twilio's JavaScript SDK, unchanged", async () => {
    const chat = program(`
      const { Client } = require(${packagePath("@twilio/conversations")});
      const { AccessToken } = require(${packagePath("twilio")}).jwt;
      (async () => {
        const { apiKeySid, apiKeySecret, accountSid, chatServiceSid } = await (
          await fetch(process.env.HTTP_PROXY + "/_emulator/info")
        ).json();
        const token = new AccessToken(accountSid, apiKeySid, apiKeySecret, { identity: "alice" });
        token.addGrant(new AccessToken.ChatGrant({ serviceSid: chatServiceSid }));
        const client = new Client(token.toJwt());
        await new Promise((resolve, reject) => {
          client.on("initialized", resolve);
          client.on("initFailed", ({ error }) => reject(error));
        });
        const room = await client.createConversation({ friendlyName: "room" });
        await room.join();
        const heard = new Promise((resolve) => client.on("messageAdded", resolve));
        await room.getMessages();
        const file = { contentType: "text/plain", filename: "a.txt", media: "a file" };
        await room.prepareMessage().setBody("hello").addMedia(file).build().send();
        const { body, attachedMedia } = await heard;
        console.log(JSON.stringify([body, attachedMedia[0].size, await attachedMedia[0].getContentTemporaryUrl()]));
        process.exit();
      })();`);
    const { code, stdout, stderr } = await start("node", chat).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [body, size, url] = JSON.parse(stdout);
    expect([body, size, url]).toEqual([
      "hello",
      6,
      expect.stringMatching(/^https:\/\/media\.us1\.twilio\.com\/ME/),
    ]);
  });

  it.skipIf(chromiumPath === undefined)("passes Chromium the flags for the emulator", async () => {
    const url = "https://media.us1.twilio.com/ME0";
    const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"];
    const { code, stdout } = await start(String(chromiumPath), ...quiet, url).ended;
    expect(code).toBe(0);
    expect(stdout).toContain("20404");
  });

  it.skipIf(chromiumPath === undefined)("passes them to the Chromium that Playwright starts", async () => {
    const test = program(`
      const { chromium } = require(${packagePath("playwright-core")});
      (async () => {
        const executablePath = ${JSON.stringify(chromiumPath)};
        const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
        const page = await browser.newPage();
        const answer = await page.goto("https://media.us1.twilio.com/ME0");
        console.log(answer.status());
        await browser.close();
      })();`);
    const { code, stdout } = await start("node", test).ended;
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: "404" });
  });
});
