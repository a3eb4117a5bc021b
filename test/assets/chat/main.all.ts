import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { accessToken } from "../../emulator/support/sdk.ts";
import { accessibilityFindings } from "../../support/axe.ts";
import { type ChatPages, signInOn, useChatPages } from "../../support/chat-page.ts";
import { chromiumPath } from "../../support/chromium.ts";
import { callerToken } from "../../support/credentials.ts";
import { standInForGoogle } from "../../support/google.ts";
import type { System } from "../../support/system.ts";

const customer = "+15558675310";

// Without Chromium, test/support/notices.ts prints a notice.
describe.runIf(chromiumPath !== undefined)("the chat page", () => {
  let chat: ChatPages;
  let system: System;
  useChatPages((started) => {
    chat = started;
    ({ system } = started);
  });

  /** A conversation between agent "dana" and a customer on a phone. */
  async function support(): Promise<string> {
    const { account } = system;
    const { sid } = await account.conversations.create({ friendlyName: "Order 7", uniqueName: "order-7" });
    await account.conversations(sid).participants.create({ identity: "dana" });
    await account.conversations(sid).participants.create({
      "messagingBinding.address": customer,
      "messagingBinding.proxyAddress": account.emulator.smsNumber,
      attributes: JSON.stringify({ name: "Carla" }),
    });
    return sid;
  }

  const log = (page: Page) => page.getByRole("log");

  it("delivers messages between an agent and a customer on a phone", async () => {
    const sid = await support();
    const page = await chat.signIn("dana");
    await page.getByRole("button", { name: "Order 7" }).click();
    await page.getByRole("textbox", { name: "Message" }).fill("How can I help?");
    await page.keyboard.press("Enter");
    await log(page).getByText("How can I help?").waitFor();
    await log(page).getByText("Delivered to the phone").waitFor();
    expect(await system.account.inbox(customer)).toMatchObject([{ body: "How can I help?" }]);
    await system.account.send(customer, system.account.emulator.smsNumber, "Where is my order?");
    await log(page).getByText("Where is my order?").waitFor();
    await log(page).getByText("Carla").waitFor();
    expect(page.url()).not.toContain("bearer");
    const messages = await system.account.conversations(sid).messages.list();
    expect(messages.map(({ author }) => author)).toEqual(["dana", customer]);
  });

  it("shows a message that it has read for the list before the event of the message arrived", async () => {
    const { account } = system;
    const sid = await support();
    const page = await chat.newPage();
    const held: (() => void)[] = [];
    await page.routeWebSocket(chat.socket, (browser) => {
      const server = browser.connectToServer();
      server.onMessage((data) => {
        if (data.includes("list_item_added")) held.push(() => browser.send(data));
        else browser.send(data);
      });
    });
    const settings = { socket: chat.socket, bearer: await callerToken({ sub: "dana" }), conversation: sid };
    await page.goto(`${system.url}/chat/index.html#${new URLSearchParams(settings)}`);
    await page.getByRole("heading", { name: "Order 7" }).waitFor();
    await account.conversations(sid).messages.create({ author: "eli", body: "It is on its way." });
    await account.conversations(sid).update({ friendlyName: "Order 7, sent" });
    await page.getByRole("navigation").getByText("It is on its way.").waitFor();
    for (const release of held) release();
    expect(held).not.toEqual([]);
    await log(page).getByText("It is on its way.").waitFor();
  });

  it("opens a conversation whose row changes while it is pressed", async () => {
    const { account } = system;
    const sid = await support();
    const page = await chat.signIn("dana");
    await page.getByRole("button", { name: "Order 7" }).hover();
    await page.mouse.down();
    await account.conversations(sid).messages.create({ author: "eli", body: "It is on its way." });
    await page.getByRole("navigation").getByText("It is on its way.").waitFor();
    await page.mouse.up();
    await page.getByRole("heading", { name: "Order 7" }).waitFor();
  });

  it("signs in a guest, who keeps the same identity after a reload", async () => {
    const page = await chat.open({});
    await page.getByRole("button", { name: "Continue as a guest" }).click();
    const name = page.getByRole("navigation").getByRole("heading");
    await page.getByText("You have no conversations yet.").waitFor();
    const identity = await name.textContent();
    expect(identity).toMatch(/^guest-/);
    await page.goto(
      `${system.url}/chat/index.html#${new URLSearchParams({ socket: chat.socket, guest: "true" })}`,
    );
    await page.reload();
    await page.getByText("You have no conversations yet.").waitFor();
    expect(await name.textContent()).toBe(identity);
  });

  it("signs in with a pasted access token, against the emulator only", async () => {
    const token = await accessToken(system.account, "zoë");
    const page = await chat.open({ token });
    await page.getByRole("heading", { name: "zoë" }).waitFor();
    const other = await chat.open({ token, socket: "wss://example.com/v3/wsconnect" });
    await other.getByRole("button", { name: "Continue as a guest" }).waitFor();
  });

  it("shows why sign-in failed until the next attempt", async () => {
    const page = await chat.open({});
    await page.clock.install();
    await page.getByLabel("Your sign-in token").fill("nonsense");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").getByText("Signing in failed (401)").waitFor();
    await page.clock.fastForward(60_000);
    expect(await page.getByRole("alert").getByText("Signing in failed (401)").isVisible()).toBe(true);
    await signInOn(page, "dana");
    await page.getByText("You have no conversations yet.").waitFor();
  });

  it("requests one new token when Twilio denies the first, then another sign-in, and sends the message once after that", async () => {
    const page = await chat.signIn("nobody");
    await page.getByText("You have no conversations yet.").waitFor();
    let asked = 0;
    await page.route("**/token", (route) => {
      asked += 1;
      return route.fulfill({ json: { token: `not a token ${asked}` } });
    });
    await system.account.emulator.advance(2 * 3_600_000);
    await page.getByRole("alert").getByText("Your sign-in has ended").waitFor();
    expect(asked).toBeLessThanOrEqual(3);
    await page.unroute("**/token");
    await system.clear();
    const sid = await support();
    await signInOn(page, "dana");
    await page.getByRole("button", { name: "Order 7" }).click();
    await page.getByRole("textbox", { name: "Message" }).fill("Once");
    await page.keyboard.press("Enter");
    await log(page).getByText("Once").waitFor();
    expect(await system.account.conversations(sid).messages.list()).toHaveLength(1);
  });

  it("names the error code of a message that did not reach a phone", async () => {
    const sid = await support();
    await system.account.control("POST", `/phones/${encodeURIComponent(customer)}`, { state: "unreachable" });
    const page = await chat.signIn("dana", { conversation: sid });
    await page.getByRole("textbox", { name: "Message" }).fill("Hello?");
    await page.keyboard.press("Enter");
    await log(page).getByText("Not delivered to a phone (error 30003)").waitFor();
  });

  it("works by keyboard alone, keeps the focus, and has no axe violations", async () => {
    await support();
    const signIn = await chat.open({});
    await signIn.getByRole("button", { name: "Continue as a guest" }).waitFor();
    expect(await accessibilityFindings(signIn)).toEqual([]);

    const page = await chat.signIn("dana");
    const focused = () => page.evaluate<string>("document.activeElement.textContent.trim()");
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.getByRole("button", { name: "Order 7" }).waitFor();
    expect(await focused()).toBe("dana");
    await press("Tab", "Tab", "Enter");
    await page.getByRole("heading", { name: "Order 7" }).waitFor();
    expect(await focused()).toBe("Order 7");
    await press("Tab", "Enter");
    await page.getByRole("heading", { name: "Participants" }).waitFor();
    await page.getByRole("textbox", { name: "Message" }).focus();
    await page.keyboard.type("First");
    await press("Enter");
    await log(page).getByText("Delivered to the phone").waitFor();

    await log(page).getByRole("button", { name: "Edit" }).focus();
    await system.account.send(customer, system.account.emulator.smsNumber, "Hello");
    await log(page).getByText("Hello").waitFor();
    expect(await focused()).toBe("Edit");
    await press("Enter");
    await page.getByRole("dialog").waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.keyboard.type("Second");
    await press("Enter");
    await log(page).getByText("Second").waitFor();
    expect(await focused()).toBe("Edit");
    await press("Tab", "Enter");
    await log(page).getByText("Second").waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.id")).toBe("text");

    await page.context().setOffline(true);
    await system.account.control("DELETE", "/sessions/dana");
    await page.keyboard.type("Third");
    await press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Rename" }).focus();
    await press("Escape");
    expect(await focused()).toBe("Details");
  });

  it("creates, renames and mutes a conversation, adds people and leaves", async () => {
    const page = await chat.signIn("dana");
    const answer = async (text: string) => {
      await page.getByRole("dialog").getByRole("textbox").fill(text);
      await page.getByRole("dialog").getByRole("button", { name: "OK" }).click();
    };
    await page.getByRole("button", { name: "New conversation" }).click();
    await answer("Lunch");
    await page.getByRole("heading", { name: "Lunch" }).waitFor();
    await page.getByRole("button", { name: "Details" }).click();
    const details = page.getByRole("complementary", { name: "Details" });
    await details.getByRole("button", { name: "Rename" }).click();
    await answer("Lunch at noon");
    await page.getByRole("heading", { name: "Lunch at noon" }).waitFor();
    await details.getByRole("button", { name: "Add a chat user" }).click();
    await answer("eli");
    await details.getByText("eli").waitFor();
    await details.getByRole("button", { name: "Mute notifications" }).click();
    await details.getByRole("button", { name: "Unmute notifications" }).waitFor();
    await page.getByRole("navigation").getByText("Muted").waitFor();
    await details.getByRole("button", { name: "Leave" }).click();
    await page.getByText("Choose a conversation.").waitFor();
    await page.getByText("You have no conversations yet.").waitFor();
  });

  it("shows two users each other's typing, reading, changes and deletions", async () => {
    const { account } = system;
    const { sid } = await account.conversations.create({ friendlyName: "Team" });
    for (const identity of ["dana", "eli"]) {
      await account.conversations(sid).participants.create({ identity });
    }
    const [dana, eli] = await Promise.all([
      chat.signIn("dana", { conversation: sid }),
      chat.signIn("eli", { conversation: sid }),
    ]);
    await eli.getByRole("heading", { name: "Team" }).waitFor();
    await dana.getByRole("textbox", { name: "Message" }).pressSequentially("Hi");
    await eli.getByText("dana is typing…").waitFor();
    await dana.keyboard.press("Enter");
    await log(eli).getByText("Hi").waitFor();
    await log(dana).getByText("Read by eli").waitFor();
    await log(dana).getByRole("button", { name: "Edit" }).click();
    await dana.getByRole("dialog").getByRole("textbox").fill("Hello");
    await dana.getByRole("dialog").getByRole("button", { name: "OK" }).click();
    for (const page of [eli, dana]) await log(page).getByText("Hello").waitFor();
    await log(dana).getByRole("button", { name: "Delete" }).click();
    await log(eli).getByText("Hello").waitFor({ state: "detached" });
  });

  it("loads older messages above without moving the visible ones", async () => {
    const { account } = system;
    const { sid } = await account.conversations.create({ friendlyName: "Long" });
    await account.conversations(sid).participants.create({ identity: "dana" });
    for (let i = 0; i < 70; i += 1) {
      await account.conversations(sid).messages.create({ author: "eli", body: `number ${i}` });
    }
    const page = await chat.signIn("dana", { conversation: sid });
    await log(page).getByText("number 69").waitFor();
    const first = log(page).getByText("number 41", { exact: true });
    const older = page.getByRole("button", { name: "Show older messages" });
    await older.scrollIntoViewIfNeeded();
    const before = (await first.boundingBox())?.y ?? 0;
    await older.click();
    await log(page).getByText("number 12", { exact: true }).waitFor({ state: "attached" });
    expect(Math.abs(((await first.boundingBox())?.y ?? 0) - before)).toBeLessThan(3);
  });

  it("sends a file, which the other user sees as an image", async () => {
    const { account } = system;
    const { sid } = await account.conversations.create({ friendlyName: "Files" });
    await account.conversations(sid).participants.create({ identity: "dana" });
    const page = await chat.signIn("dana", { conversation: sid });
    const png = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    // A hidden file input accepts files before the page has added its listener.
    await page.getByRole("heading", { name: "Files" }).waitFor();
    await page
      .getByLabel("Attach files")
      .setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: png });
    await page.getByRole("button", { name: "Send" }).click();
    await log(page).getByRole("img", { name: "dot.png (70 B)" }).waitFor();
    await expect
      .poll(() => page.evaluate('document.querySelector("#messages img").naturalWidth === 1'))
      .toBe(true);
  });

  it("registers for web push where Firebase is configured, and reports that it is not configured elsewhere", async () => {
    const sid = await support();
    const { account } = system;
    const page = await chat.signIn("dana");
    await page.context().grantPermissions(["notifications"], { origin: system.url });
    const turnOn = page.getByRole("button", { name: "Notify me on this device" });
    await turnOn.click();
    await page.getByRole("alert").getByText("Notifications are not set up on this site.").waitFor();

    const { sid: credential } = await account.client.conversations.v1.credentials.create({
      type: "fcm",
      secret: "secret",
    });
    const { chatServiceSid } = account.emulator;
    const service = account.client.conversations.v1.services(chatServiceSid);
    await service.configuration.notifications().update({ "newMessage.enabled": true });
    await standInForGoogle(page);
    const token = await accessToken(account, "dana", 3600, { push_credential_sid: credential });
    await page.route("**/token", (route) => route.fulfill({ json: { token } }));
    const fragment = new URLSearchParams({ socket: chat.socket, bearer: "any" });
    await page.goto(`${system.url}/chat/index.html?again#${fragment}`);
    await turnOn.click();
    await page.getByRole("button", { name: "No notifications on this device" }).waitFor();
    expect(await service.bindings.list()).toMatchObject([{ identity: "dana", endpoint: "device of dana" }]);

    await account.conversations(sid).messages.create({ author: customer, body: "Anybody there?" });
    await account.emulator.settle();
    const { body } = await account.control("GET", "/pushes?identity=dana");
    const [push] = body.pushes as { payload: unknown }[];
    const devtools = await page.context().newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: [registration] }) => {
        if (registration !== undefined) resolve(registration.registrationId);
      });
    });
    await devtools.send("ServiceWorker.enable");
    const deliver = async () =>
      devtools.send("ServiceWorker.deliverPushMessage", {
        origin: system.url,
        registrationId: await registered,
        data: JSON.stringify(push?.payload),
      });
    await deliver();
    await page.getByRole("status").getByText("Anybody there?").waitFor();

    await page.goto(`${system.url}/robots.txt`);
    await page.goto("about:blank");
    await deliver();
    await page.goto(`${system.url}/chat/index.html`);
    const shown = "navigator.serviceWorker.ready.then((worker) => worker.getNotifications())";
    await expect
      .poll(() => page.evaluate(`${shown}.then((all) => all.some(({ title }) => title === "Order 7"))`))
      .toBe(true);
    await page.goto(`${system.url}/chat/index.html?more#${fragment}`);
    await page.getByRole("button", { name: "No notifications on this device" }).click();
    await turnOn.waitFor();
    expect(await service.bindings.list()).toEqual([]);
  });

  it("fits on a phone, where the open conversation replaces the list, and counts unread messages", async () => {
    const sid = await support();
    await system.account.conversations(sid).messages.create({ author: customer, body: "Hello" });
    const page = await chat.signIn("dana", {}, 390);
    await page.getByText("1 unread").waitFor();
    await page.getByRole("button", { name: "Order 7" }).click();
    await log(page).getByText("Hello").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.getByRole("button", { name: "Back to the conversations" }).click();
    await page.getByRole("button", { name: "Order 7" }).waitFor();
    await page.getByText("1 unread").waitFor({ state: "detached" });
  });
});
