import { describe, expect, it } from "vitest";
import { accessibilityFindings } from "../../../support/axe.ts";
import { chromiumPath } from "../../../support/chromium.ts";
import { conversationOf, sticksOut, useConsole } from "../../support/console.ts";
import { useAccount } from "../../support/emulator.ts";

const [ann, bob] = ["+15558675310", "+15558675311"];
const robert = "whatsapp:+15558675312";

describe.runIf(chromiumPath !== undefined)("the phones of the console", () => {
  const fixture = useAccount();
  const consoles = useConsole();

  it.each([1280, 390])("fits a page that is %i px wide", async (width) => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    const { webhooks } = account.client.conversations.v1.configuration;
    await webhooks().update({ postWebhookUrl: `${receiver.url}/${"long/".repeat(40)}` });
    await conversationOf(account, long.slice(0, 250), ann, bob);
    const url = `https://example.com/${long}.png`;
    await account.send(ann, account.emulator.smsNumber, { body: long, media: [url] });
    const { page, bubble } = await consoles.open(account, { viewport: { width, height: 844 } });
    await bubble(bob, long).waitFor();
    expect(await page.evaluate(sticksOut)).toEqual([]);
    for (const area of ["Conversations", "Webhooks"]) {
      if (width < 1000) await page.getByRole("button", { name: area, exact: true }).click();
      await page.locator("#conversations button.row:visible, #webhooks summary:visible").first().click();
      await page.locator(".sid:visible, table:visible").first().waitFor();
      expect(await page.evaluate(sticksOut)).toEqual([]);
    }
  });

  it("gives axe nothing to find, and cuts nothing off in a row of phones", async () => {
    const account = fixture.current;
    const sid = await conversationOf(account, "Delivery 8", ann, bob, robert);
    for (let i = 0; i < 20; i += 1) await account.conversations(sid).messages.create({ body: `Text ${i}` });
    await account.emulator.settle();
    const { page, phone, bubble } = await consoles.open(account, { viewport: { width: 1920, height: 900 } });
    await bubble(bob, "Text 19").waitFor();
    const cut = () =>
      page.evaluate(`[...document.querySelectorAll(".phone header, .phone header *")]
        .filter((element) => element.scrollWidth > element.clientWidth + 1 && !/^(SELECT|OPTION)$/.test(element.tagName))
        .map((element) => element.outerHTML)`);
    expect(await cut()).toEqual([]);
    const add = page.getByLabel("Address of a phone");
    for (const last of ["320", "321", "322", "323"]) {
      await add.fill(`+15558675${last}`);
      await add.press("Enter");
      await phone(`+15558675${last}`).waitFor();
    }
    expect(await cut()).toEqual([]);
    const atEnd = `[...document.querySelectorAll(".phone .log")].every((log) =>
      log.scrollHeight - log.scrollTop - log.clientHeight < 40)`;
    await expect.poll(() => page.evaluate(atEnd)).toBe(true);
    expect(await accessibilityFindings(page)).toEqual([]);
  });
});
