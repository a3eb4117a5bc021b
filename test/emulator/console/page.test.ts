import { describe, expect, it } from "vitest";
import { chromiumPath } from "../../support/chromium.ts";
import { conversationOf, useConsole } from "../support/console.ts";
import { useAccount } from "../support/emulator.ts";

const [ann, bob] = ["+15558675310", "+15558675311"];

// The rest is in page.all.ts. Without Chromium test/support/notices.ts says so.
describe.runIf(chromiumPath !== undefined)("the console", () => {
  const fixture = useAccount();
  const consoles = useConsole();

  it("carries a text from one phone to the other, with ticks", async () => {
    const account = fixture.current;
    await conversationOf(account, "Delivery 7", ann, bob);
    const { phone, bubble } = await consoles.open(account);
    await phone(ann).getByLabel("Message of").fill("Are you at the door?");
    await phone(ann).getByRole("button", { name: "Send" }).click();
    await bubble(ann, "Are you at the door?").getByLabel("sent").waitFor();
    await bubble(bob, "Are you at the door?").getByLabel("delivered").waitFor();
    expect(await bubble(bob, "Are you").getByLabel("delivered").textContent()).toBe("✓✓");
    await phone(bob).getByLabel("Message of").fill("Almost");
    await phone(bob).getByLabel("Message of").press("Enter");
    await bubble(ann, "Almost").waitFor();
    expect(await phone(bob).getByLabel("Message of").inputValue()).toBe("");
  });

  it("shows HTML in messages as text", async () => {
    const account = fixture.current;
    const html =
      '<img src="https://example.com/x.png" onerror="alert(1)"><b>bold</b><script>alert(2)</script>';
    const receiver = await account.receiver((_request, response) => response.end(html));
    await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: receiver.url });
    const sid = await conversationOf(account, html, ann, bob);
    await account.conversations(sid).update({ attributes: JSON.stringify({ html }) });
    await account.send(ann, account.emulator.smsNumber, {
      body: html,
      media: ["https://example.com/<b>.png"],
    });
    const { page, bubble } = await consoles.open(account);
    await bubble(bob, html).waitFor();
    await page.getByRole("button", { name: html }).click();
    await page.getByRole("heading", { name: html }).waitFor();
    await page.getByText("onMessageAdded").first().click();
    await page.getByRole("row", { name: html }).waitFor();
    expect(await page.locator("main :is(img, script, iframe)").count()).toBe(0);
    expect(await page.locator(".bubble b").count()).toBe(0);
  });
});
