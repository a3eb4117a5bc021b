import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { accessToken } from "../../emulator/support/sdk.ts";
import {
  type ChatPages,
  exchange,
  openConversation,
  signInButton,
  signInOn,
  useChatPages,
} from "../../support/chat-page.ts";
import { chromiumPath } from "../../support/chromium.ts";
import { standInForGoogle } from "../../support/google.ts";
import type { System } from "../../support/system.ts";

const MINUTE_MS = 60_000;
/** The SDK rejects what is in flight when a token expires only after 30 seconds. */
const SDK_TIMEOUT_MS = 31_000;

describe.runIf(chromiumPath !== undefined)("the chat page, when a session has ended,", () => {
  let chat: ChatPages;
  let system: System;
  useChatPages((started) => {
    chat = started;
    ({ system } = started);
  });

  const conversation = (friendlyName: string, members: readonly string[]) =>
    chat.conversation(friendlyName, members);
  /** What a user sees. */
  const visible = (page: Page) => page.locator("body").innerText();

  it("shows nothing of the former user to the next one", async () => {
    const seven = await conversation("Order 7", ["dana", "mallory"]);
    await system.account.conversations(seven).messages.create({ author: "mallory", body: "My PIN is 1234." });
    const page = await chat.signIn("dana");
    await openConversation(page, "Order 7");
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("complementary", { name: "Details" }).getByText("mallory").waitFor();
    await chat.endSession(page);
    await conversation("Order 8", ["eli"]);
    const match = { path: "/v3/Lists/*/Items" };
    await system.account.fault({ on: "sdkRequest", match, effect: "delay", duration: "PT1M", times: 1 });
    await signInOn(page, "eli");
    await page.getByRole("heading", { name: "eli" }).waitFor();
    await expect.poll(() => system.account.injections()).toHaveLength(1);
    expect(await visible(page)).not.toMatch(/Order 7|PIN|mallory/);
    await system.account.emulator.advance(MINUTE_MS);
    await openConversation(page, "Order 8");
    expect(await visible(page)).not.toMatch(/Order 7|PIN|mallory/);
  });

  it("closes the dialog, and keeps no token", async () => {
    await conversation("Order 7", ["dana"]);
    const page = await chat.open({});
    await signInOn(page, "dana");
    await openConversation(page, "Order 7");
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("dialog").waitFor();
    await chat.endSession(page);
    expect(await page.getByRole("dialog").isVisible()).toBe(false);
    expect(await page.getByLabel("Your sign-in token").inputValue()).toBe("");
    await signInOn(page, "eli");
    await page.getByText("You have no conversations yet.").waitFor();
  });

  it("does not end the next one when a request for its token fails late", async () => {
    await conversation("Order 7", ["dana"]);
    const page = await chat.signIn("dana");
    await page.getByRole("button", { name: "Order 7" }).waitFor();
    const held: Route[] = [];
    let isOver = false;
    await page.route("**/token", (route) => {
      if (isOver) return route.continue();
      return held.push(route) > 1 ? route.fulfill({ json: { token: "not a token" } }) : undefined;
    });
    await system.account.emulator.advance(58 * MINUTE_MS);
    await expect.poll(() => held).toHaveLength(1);
    await system.account.emulator.advance(60 * MINUTE_MS);
    await page.getByRole("alert").getByText("Your sign-in has ended").waitFor();
    await system.clear();
    await conversation("Order 8", ["eli"]);
    isOver = true;
    await signInOn(page, "eli");
    await openConversation(page, "Order 8");
    await held[0]?.fulfill({ status: 401 });
    await exchange(page);
    expect(await signInButton(page).isVisible()).toBe(false);
  });

  it("starts one session when the user signs in twice", async () => {
    await conversation("Order 7", ["dana"]);
    const page = await chat.open({});
    const held: Route[] = [];
    await page.route("**/token", (route) => void held.push(route));
    await signInOn(page, "dana");
    await expect.poll(() => held).toHaveLength(1);
    const again = page.getByRole("button", { name: "Continue as a guest" });
    if (await again.isVisible()) await again.click();
    for (const route of held) await route.continue();
    await openConversation(page, "Order 7");
    await exchange(page);
    expect(held).toHaveLength(1);
  });

  it("repeats none of its reads in the next one", async () => {
    const create = async () => {
      const { conversations } = system.account;
      const { sid } = await conversations.create({ friendlyName: "Order 7", uniqueName: "order-7" });
      for (const identity of ["dana", "eli"]) await conversations(sid).participants.create({ identity });
    };
    await create();
    const match = { identity: "dana", path: "*/MyConversations/order-7" };
    await system.account.fault({ on: "sdkRequest", match, effect: "hang", times: 1 });
    const page = await chat.newPage();
    await page.clock.install();
    const token = await accessToken(system.account, "dana");
    const settings = { socket: chat.socket, token, conversation: "order-7" };
    await page.goto(`${system.url}/chat/index.html#${new URLSearchParams(settings)}`);
    await expect.poll(() => system.account.injections()).toHaveLength(1);
    await system.account.emulator.advance(120 * MINUTE_MS);
    await page.getByRole("alert").getByText("Your sign-in has ended").waitFor();
    await system.clear();
    await create();
    await signInOn(page, "eli");
    await page.getByRole("heading", { name: "Order 7" }).waitFor();
    await page.clock.fastForward(SDK_TIMEOUT_MS);
    await exchange(page);
    expect(await page.getByRole("alert").allTextContents()).toEqual([]);
  });

  it("neither shows its pushes nor registers the device for another user", async () => {
    const { account } = system;
    const sid = await conversation("Order 7", ["dana"]);
    const { credentials, services } = account.client.conversations.v1;
    const { sid: credential } = await credentials.create({ type: "fcm", secret: "secret" });
    const service = services(account.emulator.chatServiceSid);
    await service.configuration.notifications().update({ "newMessage.enabled": true });
    const page = await chat.newPage();
    await page.context().grantPermissions(["notifications"], { origin: system.url });
    await standInForGoogle(page);
    const grants = { push_credential_sid: credential };
    let token = await accessToken(account, "dana", 600, grants);
    await page.route("**/token", (route) => route.fulfill({ json: { token } }));
    const fragment = new URLSearchParams({ socket: chat.socket, bearer: "any" });
    await page.goto(`${system.url}/chat/index.html#${fragment}`);
    const turnOn = page.getByRole("button", { name: "Notify me on this device" });
    await turnOn.click();
    await page.getByRole("button", { name: "No notifications on this device" }).waitFor();
    await account.conversations(sid).messages.create({ author: "mallory", body: "My PIN is 1234." });
    await account.emulator.settle();
    const { body } = await account.control("GET", "/pushes?identity=dana");
    const [push] = body.pushes as { payload: unknown }[];
    /** As the worker passes it to the page. */
    const deliver = () =>
      page.evaluate(
        `navigator.serviceWorker.dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify(push?.payload)} }))`,
      );
    await deliver();
    await page.getByRole("status").getByText("My PIN is 1234.").waitFor();
    token = "not a token";
    await account.emulator.advance(11 * MINUTE_MS);
    await page.getByRole("alert").getByText("Your sign-in has ended").waitFor();
    expect(await page.getByRole("status").getByText("PIN").count()).toBe(0);
    await deliver();
    expect(await page.getByRole("status").getByText("PIN").count()).toBe(0);
    token = await accessToken(account, "eli", 3600, grants);
    await signInOn(page, "eli");
    await turnOn.waitFor();
    const worker = "navigator.serviceWorker.getRegistration().then((worker) => typeof worker)";
    await expect.poll(() => page.evaluate(worker)).toBe("undefined");
    expect(await service.bindings.list()).toMatchObject([{ identity: "dana" }]);
    await turnOn.click();
    await page.getByRole("button", { name: "No notifications on this device" }).waitFor();
    expect(await page.evaluate(worker)).toBe("object");
  });

  it("shows nothing of a message that another user was sending", async () => {
    const seven = await conversation("Order 7", ["dana"]);
    const page = await chat.signIn("dana");
    await openConversation(page, "Order 7");
    const held: Route[] = [];
    await page.route("**/Media*", (route) => void held.push(route));
    const file = { name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("7 €") };
    await page.getByLabel("Attach files").setInputFiles(file);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(() => held).toHaveLength(1);
    await chat.endSession(page);
    // The same SID: SIDs repeat after a reset.
    expect(await conversation("Order 7", ["eli"])).toBe(seven);
    await signInOn(page, "eli");
    await openConversation(page, "Order 7");
    await page.getByRole("button", { name: "Send", exact: true }).waitFor();
    await held[0]?.fulfill({ status: 400 });
    await exchange(page);
    expect(await page.getByRole("alert").allTextContents()).toEqual([]);
  });
});
