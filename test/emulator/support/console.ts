import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchChromium } from "../../support/chromium.ts";
import type { TestAccount } from "./emulator.ts";

/** The console of an emulator, open in a browser. */
export interface OpenConsole {
  readonly page: Page;
  /** The phone of an address. */
  phone(address: string): Locator;
  /** The message with this text on the phone. */
  bubble(address: string, text: string): Locator;
}

/**
 * Opens consoles in one browser for the file. Each is closed after its test, which fails if the page has logged an error or
 * warning, other than for rejected requests, or has sent a request to another host.
 */
export function useConsole(): {
  open(account: TestAccount, options?: BrowserContextOptions): Promise<OpenConsole>;
} {
  let browser: Browser | undefined;
  const complaints: string[] = [];
  const requested: string[] = [];
  let origin = "";
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
    const elsewhere = requested.splice(0).filter((url) => !url.startsWith(`${origin}/`));
    expect({ complaints: complaints.splice(0), elsewhere }).toEqual({ complaints: [], elsewhere: [] });
  });
  return {
    async open({ emulator }, options = {}) {
      if (browser === undefined) throw new Error("The browser has not started");
      origin = emulator.url;
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      page.on("request", (request) => requested.push(request.url()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        const isRejected = /^Failed to load resource: .* status of 400/.test(message.text());
        if (/error|warning/.test(message.type()) && !isRejected) complaints.push(message.text());
      });
      await page.goto(emulator.consoleUrl);
      await page.locator("#connection.live").waitFor();
      const phone = (address: string) =>
        page.getByRole("article", { name: address.replace("whatsapp:", "") });
      const bubble = (address: string, text: string) =>
        phone(address).getByRole("log").getByRole("listitem").filter({ hasText: text });
      return { page, phone, bubble };
    },
  };
}

/** A conversation of people with addresses on phones. @returns its SID. */
export async function conversationOf(
  account: TestAccount,
  friendlyName: string,
  ...people: string[]
): Promise<string> {
  const { sid } = await account.conversations.create({ friendlyName });
  const { smsNumber, whatsappNumber } = account.emulator;
  for (const address of people)
    await account.conversations(sid).participants.create({
      "messagingBinding.address": address,
      "messagingBinding.proxyAddress": address.startsWith("whatsapp:") ? whatsappNumber : smsNumber,
    });
  return sid;
}

/** Moves the focus on with the Tab key until it is on something of this name, which must be seen to have it. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < 80; i += 1) {
    await page.keyboard.press("Tab");
    const focused: { name: string; outline: string } = await page.evaluate(describeFocus);
    if (focused.name.includes(name)) {
      expect(focused.outline, `the outline of ${name}`).toBe("solid");
      return;
    }
    passed.push(focused.name);
  }
  throw new Error(`Tab does not lead to ${name}, but to ${passed.join(" | ")}`);
}

/** In the browser: what has the focus, and the outline of it or of the group of choices that it is in. */
const describeFocus = `(() => {
  const element = document.activeElement;
  const ring = element.closest("fieldset#mode") ?? element;
  const text = element.closest("label")?.textContent ?? element.textContent;
  const name = element === document.body ? "nothing" : element.getAttribute("aria-label") ?? text;
  return { name, outline: getComputedStyle(ring).outlineStyle };
})()`;

/** In the browser: what sticks out of the window to the right, of all that is in view. */
export const sticksOut = `[...document.querySelectorAll("body *")]
  .filter((element) => element.checkVisibility() && !element.closest("legend"))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
  .map((element) => element.outerHTML.slice(0, 120))`;
