import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchChromium } from "./chromium.ts";
import { callerToken } from "./credentials.ts";
import { platforms } from "./platforms.ts";
import { System } from "./system.ts";

/** The chat page of a deployment on Twilio Functions, in one browser, with an emulator. */
export class ChatPages {
  readonly system: System;
  readonly #browser: Browser;
  readonly #complaints: string[] = [];

  private constructor(system: System, browser: Browser) {
    this.system = system;
    this.#browser = browser;
  }

  static async start(variables: Readonly<Record<string, string>> = {}): Promise<ChatPages> {
    const [functions] = platforms;
    if (functions === undefined) throw new Error("There is no platform");
    const [system, browser] = await Promise.all([
      System.start(functions, { GUESTS: "true", ...variables }),
      launchChromium(),
    ]);
    return new ChatPages(system, browser);
  }

  /** The URL of the emulator's WebSocket. */
  get socket(): string {
    return `${this.system.account.emulator.url.replace("http", "ws")}/v3/wsconnect`;
  }

  /** A page in a separate profile. Its errors fail the test in `close`. */
  async newPage(width = 1280): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width, height: 800 } });
    const page = await context.newPage();
    page.on("pageerror", (error) => {
      // The SDK leaves its own rejections unhandled when a connection breaks during its start.
      if (!/\bdisconnected\b/.test(error.message)) this.#complaints.push(String(error));
    });
    page.on("console", (message) => {
      const { url } = message.location();
      const isElsewhere = /^\w+:\/\/(?!localhost|127\.0\.0\.1)/.test(url);
      if (isElsewhere || /Content Security Policy/.test(message.text()))
        this.#complaints.push(`${message.text()} ${url}`);
    });
    return page;
  }

  /** Opens the chat page with settings in its fragment. */
  async open(settings: Readonly<Record<string, string>>, width?: number): Promise<Page> {
    const page = await this.newPage(width);
    const fragment = new URLSearchParams({ socket: this.socket, ...settings });
    await page.goto(`${this.system.url}/chat/index.html#${fragment}`);
    return page;
  }

  /** Opens the chat page signed in as a chat user. */
  async signIn(
    identity: string,
    settings: Readonly<Record<string, string>> = {},
    width?: number,
  ): Promise<Page> {
    return this.open({ bearer: await callerToken({ sub: identity }), ...settings }, width);
  }

  /** Creates a conversation of chat users. @returns its SID. */
  async conversation(friendlyName: string, members: readonly string[]): Promise<string> {
    const { conversations } = this.system.account;
    const { sid } = await conversations.create({ friendlyName });
    for (const identity of members) await conversations(sid).participants.create({ identity });
    return sid;
  }

  /** Lets the access token of a page expire, gives it no other one, and empties the account. */
  async endSession(page: Page): Promise<void> {
    await page.route("**/token", (route) => route.fulfill({ json: { token: "not a token" } }));
    await this.system.account.emulator.advance(2 * 3_600_000);
    await page.getByRole("alert").getByText("Your sign-in has ended").waitFor();
    await page.unroute("**/token");
    // Also sets the clock back, so that tokens are valid again.
    await this.system.clear();
  }

  /** Closes every page. Fails when one had an error, violated its policy or sent a request to another host. */
  async closePages(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
    expect(this.#complaints.splice(0)).toEqual([]);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.system.stop();
  }
}

/** The input for the open conversation. */
export const messageInput = (page: Page) => page.getByRole("textbox", { name: "Message" });

/** Opens a conversation by its row. */
export async function openConversation(page: Page, title: string): Promise<void> {
  await page.getByRole("navigation").getByRole("button", { name: title }).click();
  await page.getByRole("heading", { name: title }).waitFor();
}

/** Sends a message and waits for it: what was answered before has been processed then. */
export async function exchange(page: Page): Promise<void> {
  await messageInput(page).fill("Hello");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("Hello").waitFor();
}

export const signInButton = (page: Page) => page.getByRole("button", { name: "Sign in", exact: true });

/** Signs in as a chat user on the page's form. */
export async function signInOn(page: Page, identity: string): Promise<void> {
  await page.getByLabel("Your sign-in token").fill(await callerToken({ sub: identity }));
  await signInButton(page).click();
}

/** Starts it for the tests of a block; the account is emptied before each of them, and the pages are closed after it. */
export function useChatPages(started: (chat: ChatPages) => void): void {
  let chat: ChatPages | undefined;
  beforeAll(async () => {
    chat = await ChatPages.start();
    started(chat);
  });
  afterAll(() => chat?.stop());
  beforeEach(() => chat?.system.clear());
  afterEach(() => chat?.closePages());
}
