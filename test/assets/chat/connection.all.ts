import { describe, expect, it } from "vitest";
import { type ChatPages, useChatPages } from "../../support/chat-page.ts";
import { chromiumPath } from "../../support/chromium.ts";
import type { System } from "../../support/system.ts";

describe.runIf(chromiumPath !== undefined)("the chat page, when its connection breaks,", () => {
  let chat: ChatPages;
  let system: System;
  useChatPages((started) => {
    chat = started;
    ({ system } = started);
  });

  it("shows it, and loads missed messages after reconnecting", async () => {
    const { account } = system;
    const { sid } = await account.conversations.create({ friendlyName: "Order 7" });
    const conversation = account.conversations(sid);
    await conversation.participants.create({ identity: "dana" });
    const page = await chat.signIn("dana", { conversation: sid });
    const log = page.getByRole("log");
    const status = page.getByRole("status").filter({ hasText: /connect/i });
    await page.getByRole("heading", { name: "Order 7" }).waitFor();
    await page.context().setOffline(true);
    await account.control("DELETE", "/sessions/dana");
    await status.first().waitFor();
    await conversation.messages.create({ author: "eli", body: "Anybody there?" });
    await page.getByRole("textbox", { name: "Message" }).fill("One moment");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("There is no connection").waitFor();
    await page.context().setOffline(false);
    await log.getByText("Anybody there?").waitFor();
    await status.waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await log.getByText("One moment").waitFor();
    expect(await conversation.messages.list()).toHaveLength(2);
  });

  it("completes its start and the opening of a conversation", async () => {
    const { account } = system;
    const { sid } = await account.conversations.create({ friendlyName: "Order 7" });
    const requests = new Map([
      ["ann", "/v3/Maps/*"],
      ["bob", "/Client/v2/MyConversations"],
      ["cleo", "/v3/Lists/*"],
      ["dana", "/v3/Lists/*/Items"],
      ["eli", "/v3/Maps/MP*/Items"],
      ["finn", "/v4/Subscriptions"],
    ]);
    for (const [identity, path] of requests) {
      await account.conversations(sid).participants.create({ identity });
      const match = { identity, path };
      await account.control("POST", "/faults", { on: "sdkRequest", match, effect: "drop", times: 1 });
    }
    await account.conversations(sid).messages.create({ author: "mallory", body: "Before" });
    const pages = await Promise.all(
      [...requests.keys()].map((identity) => chat.signIn(identity, { conversation: sid })),
    );
    const shown = (text: string) =>
      Promise.all(pages.map((page) => page.getByRole("log").getByText(text).waitFor()));
    await shown("Before");
    await account.conversations(sid).messages.create({ author: "mallory", body: "After" });
    await shown("After");
    expect(await account.injections()).toHaveLength(requests.size);
  });
});
