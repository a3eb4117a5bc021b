import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import {
  type ChatPages,
  exchange,
  messageInput,
  openConversation,
  signInOn,
  useChatPages,
} from "../../support/chat-page.ts";
import { chromiumPath } from "../../support/chromium.ts";
import type { System } from "../../support/system.ts";

const DELAY_MS = 60_000;
const DELAY = { on: "sdkRequest", effect: "delay", duration: "PT1M", times: 1 };

describe.runIf(chromiumPath !== undefined)(
  "the chat page, when another conversation or user follows,",
  () => {
    let chat: ChatPages;
    let system: System;
    useChatPages((started) => {
      chat = started;
      ({ system } = started);
    });

    /** A conversation of dana. @returns its SID. */
    const conversation = (friendlyName: string, others: readonly string[] = []) =>
      chat.conversation(friendlyName, ["dana", ...others]);
    const writeNumbered = async (sid: string, count: number) => {
      for (let i = 0; i < count; i += 1)
        await system.account.conversations(sid).messages.create({ author: "eli", body: `number ${i}` });
    };
    const bodies = async (sid: string) =>
      (await system.account.conversations(sid).messages.list()).map(({ body }) => body);
    /** Waits until a fault was injected into a request of the page. */
    const injected = () => expect.poll(() => system.account.injections()).toHaveLength(1);

    /** The requests of the page for maps of users. */
    const userMaps = async () => {
      const { body } = await system.account.control("GET", "/timeline");
      const { timeline } = body as { timeline: readonly { path?: string }[] };
      return timeline.filter(({ path = "" }) => /^\/v3\/Maps\/MP\w+$/.test(path));
    };
    /** The SDK remembers unread counts for half a second. */
    const forgetCounts = async (page: Page) => {
      await page.clock.install();
      await page.clock.fastForward(1_000);
    };

    it("keeps a draft for each, with its files", async () => {
      await conversation("Order 7");
      await conversation("Order 8");
      const page = await chat.signIn("dana");
      await openConversation(page, "Order 7");
      await messageInput(page).fill("It is on its way.");
      await page.getByLabel("Attach files").setInputFiles({
        name: "receipt.txt",
        mimeType: "text/plain",
        buffer: Buffer.from("7 €"),
      });
      await openConversation(page, "Order 8");
      expect(await messageInput(page).inputValue()).toBe("");
      expect(await page.getByText("receipt.txt").count()).toBe(0);
      await messageInput(page).fill("It is late.");
      await openConversation(page, "Order 7");
      expect(await messageInput(page).inputValue()).toBe("It is on its way.");
      await page.getByText("receipt.txt").waitFor();
      await openConversation(page, "Order 8");
      expect(await messageInput(page).inputValue()).toBe("It is late.");
    });

    it("keeps what is written while a message is being sent", async () => {
      const [seven, eight] = [await conversation("Order 7"), await conversation("Order 8")];
      await system.account.fault({ ...DELAY, match: { method: "POST", path: "*/Messages" } });
      const page = await chat.signIn("dana");
      await openConversation(page, "Order 7");
      await messageInput(page).fill("One moment.");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Sending…" }).waitFor();
      await messageInput(page).fill("It is on its way.");
      await page.keyboard.press("Enter");
      await openConversation(page, "Order 8");
      await page.getByRole("button", { name: "Send", exact: true }).waitFor();
      await messageInput(page).fill("It is late.");
      await injected();
      await system.account.emulator.advance(DELAY_MS);
      await expect.poll(() => bodies(seven)).toEqual(["One moment."]);
      expect(await messageInput(page).inputValue()).toBe("It is late.");
      await page.keyboard.press("Enter");
      await expect.poll(() => bodies(eight)).toEqual(["It is late."]);
      await openConversation(page, "Order 7");
      await page.getByRole("button", { name: "Send", exact: true }).waitFor();
      expect(await messageInput(page).inputValue()).toBe("It is on its way.");
    });

    it("puts a message that was not sent before what was written since", async () => {
      await conversation("Order 7");
      const match = { method: "POST", path: "*/Messages" };
      await system.account.fault({ on: "sdkRequest", match, effect: "hang", times: 1 });
      const page = await chat.signIn("dana");
      await openConversation(page, "Order 7");
      await messageInput(page).fill("One moment.");
      await page.keyboard.press("Enter");
      await injected();
      await messageInput(page).fill("It is on its way.");
      await system.account.control("DELETE", "/sessions/dana");
      await page.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
      expect(await messageInput(page).inputValue()).toBe("One moment.\nIt is on its way.");
    });

    it("shows no drafts of another user", async () => {
      const sid = await conversation("Order 7");
      const page = await chat.signIn("dana");
      await openConversation(page, "Order 7");
      await messageInput(page).fill("It is on its way.");
      await chat.endSession(page);
      // The same SID: SIDs repeat after a reset.
      expect(await conversation("Order 7", ["eli"])).toBe(sid);
      await signInOn(page, "eli");
      await openConversation(page, "Order 7");
      expect(await messageInput(page).inputValue()).toBe("");
    });

    it("shows the details of that one only", async () => {
      await conversation("Order 7", ["eli"]);
      await conversation("Order 8", ["finn"]);
      await system.account.fault({ ...DELAY, match: { path: "/Client/v2/Users/eli" } });
      const page = await chat.signIn("dana");
      const details = page.getByRole("complementary", { name: "Details" });
      await openConversation(page, "Order 7");
      await injected();
      await page.getByRole("button", { name: "Details" }).click();
      await openConversation(page, "Order 8");
      await page.getByRole("button", { name: "Details" }).click();
      await details.getByText("finn").waitFor();
      const before = (await userMaps()).length;
      await system.account.emulator.advance(DELAY_MS);
      // The SDK's second request for the user. A message would make the page show the details anew.
      await expect.poll(userMaps).toHaveLength(before + 1);
      await page.evaluate(
        "new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))",
      );
      expect(await details.getByText("finn").count()).toBe(1);
      expect(await details.getByText("eli").count()).toBe(0);
    });

    it("shows the older messages of that one only", async () => {
      const seven = await conversation("Order 7");
      await conversation("Order 8");
      await writeNumbered(seven, 70);
      const page = await chat.signIn("dana");
      await openConversation(page, "Order 7");
      await page.getByRole("log").getByText("number 69").waitFor();
      await system.account.fault({ ...DELAY, match: { path: "/v3/Lists/*/Items" } });
      const older = page.getByRole("button", { name: "Show older messages" });
      await older.click();
      await injected();
      await openConversation(page, "Order 8");
      await older.waitFor({ state: "hidden" });
      await system.account.emulator.advance(DELAY_MS);
      await exchange(page);
      expect(await older.isVisible()).toBe(false);
      expect(await page.getByRole("log").getByRole("listitem").count()).toBe(2);
    });

    it("offers no actions of the former one", async () => {
      await conversation("Order 7", ["finn"]);
      await conversation("Order 8", ["eli"]);
      const page = await chat.signIn("dana");
      const details = page.getByRole("complementary", { name: "Details" });
      await openConversation(page, "Order 7");
      await page.getByRole("button", { name: "Details" }).click();
      await details.getByRole("button", { name: "Leave" }).waitFor();
      await system.account.fault({ ...DELAY, match: { path: "/Client/v2/Users/eli" } });
      await openConversation(page, "Order 8");
      await injected();
      await page.getByRole("button", { name: "Details" }).click();
      expect(await details.getByText("finn").count()).toBe(0);
      expect(await details.getByRole("button", { name: "Leave" }).count()).toBe(0);
      await system.account.emulator.advance(DELAY_MS);
      await details.getByText("eli").waitFor();
    });

    it("does not offer the older messages of the former one", async () => {
      const seven = await conversation("Order 7");
      await conversation("Order 8");
      await writeNumbered(seven, 40);
      const page = await chat.signIn("dana");
      const older = page.getByRole("button", { name: "Show older messages" });
      await openConversation(page, "Order 7");
      await older.waitFor();
      await system.account.fault({ ...DELAY, match: { path: "/v3/Lists/*/Items" } });
      await openConversation(page, "Order 8");
      await injected();
      expect(await older.isVisible()).toBe(false);
    });

    it("leaves it open when a new conversation is created late", async () => {
      await conversation("Order 7");
      await system.account.fault({ ...DELAY, match: { method: "POST", path: "*/Conversations" } });
      const page = await chat.signIn("dana");
      const navigation = page.getByRole("navigation");
      await navigation.getByRole("button", { name: "New conversation" }).click();
      await page.getByLabel("Name of the conversation").fill("Order 8");
      await page.keyboard.press("Enter");
      await injected();
      await openConversation(page, "Order 7");
      await system.account.emulator.advance(DELAY_MS);
      await navigation.getByRole("button", { name: "Order 8" }).waitFor();
      await exchange(page);
      expect(await page.getByRole("heading", { name: "Order 7" }).isVisible()).toBe(true);
    });

    it("leaves it open when the conversation of the link is found late", async () => {
      await conversation("Order 7");
      const { sid } = await system.account.conversations.create({ uniqueName: "order-8" });
      await system.account.conversations(sid).participants.create({ identity: "dana" });
      await system.account.fault({ ...DELAY, match: { path: "*/MyConversations/order-8" } });
      const page = await chat.signIn("dana", { conversation: "order-8" });
      await injected();
      await openConversation(page, "Order 7");
      await system.account.emulator.advance(DELAY_MS);
      await exchange(page);
      expect(await page.getByRole("heading", { name: "Order 7" }).isVisible()).toBe(true);
    });

    describe("a row of the list", () => {
      const row = (page: Page, title: string) =>
        page.getByRole("navigation").getByRole("button", { name: title });

      it("does not come back after the user has left the conversation", async () => {
        const seven = await conversation("Order 7");
        await conversation("Order 8");
        const page = await chat.signIn("dana");
        await row(page, "Order 7").waitFor();
        await openConversation(page, "Order 8");
        await forgetCounts(page);
        await system.account.fault({ ...DELAY, match: { path: `*/MyConversations/${seven}` } });
        await system.account.conversations(seven).messages.create({ author: "eli", body: "Bye" });
        await injected();
        const participants = system.account.conversations(seven).participants;
        for (const { sid } of await participants.list()) await participants(sid).remove();
        await row(page, "Order 7").waitFor({ state: "detached" });
        await system.account.emulator.advance(DELAY_MS);
        await messageInput(page).fill("How are you?");
        await page.keyboard.press("Enter");
        await row(page, "Order 8").getByText("How are you?").waitFor();
        expect(await row(page, "Order 7").count()).toBe(0);
      });

      it("shows the last message when an earlier read of it ends late", async () => {
        const seven = await conversation("Order 7");
        await conversation("Order 8");
        const page = await chat.signIn("dana");
        await openConversation(page, "Order 8");
        await forgetCounts(page);
        await system.account.fault({ ...DELAY, match: { path: `*/MyConversations/${seven}` } });
        const { messages } = system.account.conversations(seven);
        await messages.create({ author: "eli", body: "Are you there?" });
        await injected();
        await messages.create({ author: "eli", body: "Bye" });
        await row(page, "Order 7").getByText("Bye").waitFor();
        await system.account.emulator.advance(DELAY_MS);
        await messageInput(page).fill("How are you?");
        await page.keyboard.press("Enter");
        await row(page, "Order 8").getByText("How are you?").waitFor();
        expect(await row(page, "Order 7").textContent()).toContain("Bye");
      });
    });

    it("does not show a deleted message again that it has read for the list", async () => {
      const seven = await conversation("Order 7");
      const page = await chat.signIn("dana");
      await openConversation(page, "Order 7");
      await exchange(page);
      await forgetCounts(page);
      await system.account.fault({ ...DELAY, times: 9, match: { path: `*/MyConversations/${seven}` } });
      const { messages } = system.account.conversations(seven);
      const { sid } = await messages.create({ author: "eli", body: "Forget it" });
      await page.getByRole("log").getByText("Forget it").waitFor();
      await expect.poll(async () => (await system.account.injections()).length).toBeGreaterThan(0);
      await messages(sid).remove();
      await page.getByRole("log").getByText("Forget it").waitFor({ state: "detached" });
      await system.account.emulator.advance(DELAY_MS);
      await messageInput(page).fill("What was it?");
      await page.keyboard.press("Enter");
      await page.getByRole("log").getByText("What was it?").waitFor();
      expect(await page.getByRole("log").getByText("Forget it").count()).toBe(0);
    });
  },
);
