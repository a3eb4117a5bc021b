import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChatPages } from "../support/chat-page.ts";
import { chromiumPath } from "../support/chromium.ts";
import { listen } from "../support/post-event.ts";
import { step } from "../support/steps.ts";

const CUSTOMER = "+15558675310";
const REACTIONS = {
  newConversation: {
    agent: { identity: "dana" },
    welcome: "Welcome! How can we help?",
    onlySources: ["SDK"],
  },
};

describe.runIf(chromiumPath !== undefined)(
  "A visitor of a web site, an agent and a customer on a phone",
  () => {
    let chat: ChatPages;
    beforeAll(async () => {
      chat = await ChatPages.start({ POST_EVENT_REACTIONS: JSON.stringify(REACTIONS) });
    });
    afterAll(() => chat?.stop());

    it("exchange messages, while the visitor's connection breaks once", async () => {
      const { system } = chat;
      const { account, url } = system;
      await listen(system);
      const agent = await chat.signIn("dana");
      await agent.getByText("You have no conversations yet.").waitFor();

      // The company's site, of another origin, with one tag.
      const site = await account.receiver((_, response) => {
        const tag = `<script src="${url}/chat/embed.js" data-guest="true" data-socket="${chat.socket}"></script>`;
        const html = `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><h1>Shop</h1>${tag}`;
        response.setHeader("Content-Type", "text/html").end(html);
      });
      const page = await chat.newPage();
      await page.goto(site.url);
      await page.getByRole("button", { name: "Chat" }).click();
      const visitor = page.frameLocator("iframe[title=Chat]");
      await visitor.getByRole("button", { name: "New conversation" }).click();
      await visitor.getByRole("dialog").getByRole("textbox").fill("A gift for my sister");
      await page.keyboard.press("Enter");
      await visitor.getByRole("log").getByText("Welcome! How can we help?").waitFor();
      await visitor.getByRole("textbox", { name: "Message" }).fill("Can she choose the colour?");
      await page.keyboard.press("Enter");

      await agent.getByRole("button", { name: "A gift for my sister" }).click();
      await agent.getByRole("log").getByText("Can she choose the colour?").waitFor();
      const [conversation] = await account.conversations.list();
      await step(system, "/conversations/add-participant", {
        conversationSid: String(conversation?.sid),
        address: CUSTOMER,
        proxyAddress: account.emulator.smsNumber,
        attributes: JSON.stringify({ name: "Her sister" }),
      });
      await agent.getByRole("textbox", { name: "Message" }).fill("Which colour would you like?");
      await agent.keyboard.press("Enter");
      await agent.getByRole("log").getByText("Delivered to the phone").waitFor();
      await visitor.getByRole("log").getByText("Which colour would you like?").waitFor();

      await page.context().setOffline(true);
      await account.control("DELETE", `/sessions/${await visitor.locator("#user").textContent()}`);
      await visitor
        .getByRole("status")
        .filter({ hasText: /connect/i })
        .waitFor();
      await account.send(CUSTOMER, account.emulator.smsNumber, "Blue, please");
      await agent.getByRole("log").getByText("Her sister").waitFor();
      await agent.getByRole("textbox", { name: "Message" }).fill("Blue it is.");
      await agent.keyboard.press("Enter");
      await agent.getByRole("log").getByText("Blue it is.").waitFor();
      await page.context().setOffline(false);
      await visitor.getByRole("log").getByText("Blue it is.").waitFor();
      await visitor.getByRole("textbox", { name: "Message" }).fill("Thank you both!");
      await page.keyboard.press("Enter");
      for (const log of [agent.getByRole("log"), visitor.getByRole("log")])
        await log.getByText("Thank you both!").waitFor();

      const said = [
        "Welcome! How can we help?",
        "Can she choose the colour?",
        "Which colour would you like?",
        "Blue, please",
        "Blue it is.",
        "Thank you both!",
      ];
      expect(await visitor.locator(".message p").allTextContents()).toEqual(said);
      expect(await agent.locator(".message p").allTextContents()).toEqual(said);
      expect((await account.inbox(CUSTOMER)).map(({ body }) => body)).toEqual(said.slice(2));
      await chat.closePages();
    });
  },
);
