import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLACEHOLDER } from "../../../infra/studio/flow.ts";
import { readFlows } from "../../../infra/studio/read.ts";
import { accessibilityFindings } from "../../support/axe.ts";
import { chromiumPath, launchChromium } from "../../support/chromium.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

/** The texts that are wider than the area in which they stand. */
const wideTexts = `[...document.querySelectorAll("section *")]
  .filter((element) => element.scrollWidth > element.clientWidth && element.clientWidth > 0)
  .map((element) => element.outerHTML.slice(0, 120))`;

describe.runIf(chromiumPath !== undefined).each(platforms)(
  "the index page in Chromium on $name",
  (platform) => {
    const system = useSystem(platform);
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());

    async function open(width: number): Promise<Page> {
      const page = await browser.newPage({ viewport: { width, height: 900 }, acceptDownloads: true });
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(`${system.current.url}/`, { waitUntil: "networkidle" });
      // The address of the chat page is probed where there may be none.
      expect(complaints.filter((text) => !/status of 404/.test(text))).toEqual([]);
      return page;
    }

    it("offers each flow with this deployment's URLs, and the chat page where it is at the same address", async () => {
      const page = await open(1280);
      for (const file of readFlows().keys()) {
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("link", { name: `Save ${file}` }).click(),
        ]);
        expect(download.suggestedFilename()).toBe(file);
        const text = readFileSync(await download.path(), "utf8");
        expect(text).not.toContain(PLACEHOLDER);
        if (file === "bot-first.json") expect(text).toContain(`${system.current.url}/conversations/transfer`);
      }
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy survey.json" }).click();
      const copied = await page.evaluate<string>("navigator.clipboard.readText()");
      expect(JSON.parse(copied).description).toBe(readFlows().get("survey.json")?.description);
      const chat = page.getByRole("link", { name: "Chat page" });
      await expect.poll(() => chat.isVisible()).toBe(true);
      await page.close();
    });

    it.each([390, 1280])("is accessible in both themes and fits a width of %i", async (width) => {
      const page = await open(width);
      expect(await accessibilityFindings(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(wideTexts)).toEqual([]);
      await page.close();
    });
  },
);
