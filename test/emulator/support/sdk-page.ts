import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchChromium } from "../../support/chromium.ts";
import type { TestAccount } from "./emulator.ts";
import { otherSideOf, socketUrl, untilAlone } from "./sdk.ts";

/** How a page's SDK connects to the emulator: by an option, or unchanged, with the emulator as the browser's proxy. */
export type Way = "option" | "proxy";

/** Plays scenarios in pages of one browser for the file, with the build for pages of a version of the SDK. */
export function useSdkPages(packageName: string, way: Way) {
  const sdk = `node_modules/${packageName}/builds/twilio-conversations.min.js`;
  let browser: Browser | undefined;
  let scenarios = "";
  beforeAll(async () => {
    const entry = "test/emulator/realtime/suite/in-page.ts";
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      target: "es2022",
    });
    scenarios = outputFiles[0]?.text ?? "";
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  return {
    async run(account: TestAccount, section: string, name: string): Promise<void> {
      if (browser === undefined) throw new Error("The browser has not started");
      const behindProxy = {
        proxy: { server: account.emulator.url, bypass: "127.0.0.1" },
        ignoreHTTPSErrors: true,
      };
      const context = await browser.newContext(way === "proxy" ? behindProxy : {});
      try {
        const page = await context.newPage();
        const html = await account.receiver((_, response) => {
          response.setHeader("Content-Type", "text/html").end("<!doctype html><title>SDK</title>");
        });
        const { hook, ...plain } = otherSideOf(account);
        let received = async (): Promise<unknown> => [];
        const functions = new Map<string, (...args: never[]) => Promise<unknown>>([
          ...Object.entries(plain),
          [
            "hook",
            async (answers: Parameters<typeof hook>[0]) => {
              const made = await hook(answers);
              received = () => made.received();
              return { target: made.target };
            },
          ],
          ["received", () => received()],
        ]);
        await page.exposeFunction("otherSide", (method: string, args: never[]) =>
          functions.get(method)?.(...args),
        );
        await page.goto(html.url);
        await page.addScriptTag({ path: sdk });
        await page.addScriptTag({ content: scenarios });
        const args = [section, name, way === "option" ? socketUrl(account) : null];
        await page.evaluate(`run(...${JSON.stringify(args)}.map((arg) => arg ?? undefined))`);
        await untilAlone(account);
      } finally {
        await context.close();
      }
    },
  };
}
