import { describe, expect, it } from "vitest";
import { chromiumPath } from "../../support/chromium.ts";
import { asks, flowOf, publish, says } from "../studio/flow.ts";
import { conversationOf, sticksOut, tabTo, useConsole } from "../support/console.ts";
import { useAccount } from "../support/emulator.ts";

const [ann, bob] = ["+15558675310", "+15558675311"];
const robert = "whatsapp:+15558675312";

// Without Chromium test/support/notices.ts says so.
describe.runIf(chromiumPath !== undefined)("the console", () => {
  const fixture = useAccount();
  const consoles = useConsole();

  it("shows a Studio flow as a picture, with its steps live and the state that waits", async () => {
    const account = fixture.current;
    const flowSid = await publish(
      account,
      flowOf(asks("ask", "Well?", "thanks"), says("thanks", "Thank you")),
    );
    const sid = await conversationOf(account, "Ann", ann);
    await account.conversations(sid).webhooks.create({ target: "studio", "configuration.flowSid": flowSid });
    await account.send(ann, account.emulator.smsNumber, "Hello");
    const { page } = await consoles.open(account);
    await page.getByRole("button", { name: "Ann" }).click();
    const flows = page.getByRole("region", { name: "Studio flows" });
    await flows.getByText("at ask · waits 1 h").waitFor();
    await flows.getByRole("link", { name: "A flow" }).click();
    await page.getByRole("img", { name: "The flow is at ask" }).waitFor();
    await page.getByText("waits at most 1 h").waitFor();
    await account.send(ann, account.emulator.smsNumber, "Fine");
    await page.getByText("It has ended.").waitFor();
    const steps = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
    await steps.getByText("ask: incomingMessage → thanks").click();
    await steps.getByText('"Body": "Fine"').first().waitFor();
    await expect
      .poll(() => page.evaluate('document.querySelector("#drawing").naturalWidth > 100'))
      .toBe(true);
    expect(await page.evaluate(sticksOut)).toEqual([]);
  });

  it("marks messages as read, and shows it on the phone and in the conversation", async () => {
    const account = fixture.current;
    const sid = await conversationOf(account, "Robert", robert);
    await account.send(robert, account.emulator.whatsappNumber, "Hi");
    await account.conversations(sid).messages.create({ body: "Hello Robert" });
    const { page, phone, bubble } = await consoles.open(account);
    const colour = () => page.evaluate('getComputedStyle(document.querySelector(".in .ticks")).color');
    await bubble(robert, "Hello Robert").getByLabel("delivered").waitFor();
    const delivered = await colour();
    await phone(robert).getByText("1 unread").waitFor();
    await phone(robert).getByRole("button", { name: "Read everything" }).click();
    await bubble(robert, "Hello Robert").getByLabel("read", { exact: true }).waitFor();
    expect(await colour()).not.toBe(delivered);
    await page.getByRole("button", { name: "Robert" }).click();
    await page.getByRole("region", { name: "Messages" }).getByLabel("read to +15558675312").waitFor();
  });

  it("switches a phone off, and on again", async () => {
    const account = fixture.current;
    const sid = await conversationOf(account, "Robert", robert);
    await account.send(robert, account.emulator.whatsappNumber, "Hi");
    const { phone, bubble } = await consoles.open(account);
    await phone(robert).getByLabel("State of").selectOption("off");
    await phone(robert).locator(".disturbed").waitFor();
    await account.conversations(sid).messages.create({ body: "Are you there?" });
    await phone(robert).getByText("1 pending until it is on").waitFor();
    await phone(robert).getByLabel("State of").selectOption("on");
    await bubble(robert, "Are you there?").waitFor();
  });

  it("shows WhatsApp's buttons, which can be pressed", async () => {
    const account = fixture.current;
    const sid = await conversationOf(account, "Robert", robert);
    const actions = [{ title: "Yes, sure" }, { title: "No, thanks" }];
    const types = { "twilio/quick-reply": { body: "May Alicia write to you?", actions } };
    const contentSid = await account.template(types, "approved");
    const { phone, bubble } = await consoles.open(account);
    await account.conversations(sid).messages.create({ contentSid });
    await bubble(robert, "May Alicia").getByRole("button", { name: "Yes, sure" }).click();
    await bubble(robert, "Yes, sure").and(phone(robert).locator(".out")).waitFor();
    const [, answer] = await account.conversations(sid).messages.list();
    expect(answer).toMatchObject({ author: robert, body: "Yes, sure" });
  });

  it("shows WhatsApp's rejections in the conversation, with code and reason", async () => {
    const account = fixture.current;
    const sid = await conversationOf(account, "Delivery", robert);
    const [participant] = await account.conversations(sid).participants.list();
    await account
      .conversations(sid)
      .participants(String(participant?.sid))
      .update({ attributes: JSON.stringify({ name: "Robert" }) });
    await account.conversations(sid).messages.create({ body: "Too early" });
    const { page, phone } = await consoles.open(account);
    await phone(robert).getByRole("heading", { name: "Robert +15558675312" }).waitFor();
    await page.getByRole("button", { name: "Delivery" }).click();
    const messages = page.getByRole("region", { name: "Messages" });
    await messages.getByLabel("undelivered, error 63016 to Robert").waitFor();
    await messages.getByText("63016: WhatsApp accepts free text only within 24 hours").waitFor();
  });

  it("sends group texts, and shows their authors", async () => {
    const account = fixture.current;
    const { sid } = await account.conversations.create({ friendlyName: "Viewing" });
    const { smsNumber } = account.emulator;
    const projection = { identity: "agent", "messagingBinding.projectedAddress": smsNumber };
    await account.conversations(sid).participants.create(projection);
    for (const address of [ann, bob])
      await account.conversations(sid).participants.create({ "messagingBinding.address": address });
    const { phone, bubble } = await consoles.open(account);
    await phone(ann).getByLabel("Chat of").selectOption("several numbers…");
    await phone(ann).getByLabel("Numbers that").fill(`${smsNumber}, ${bob}`);
    await phone(ann).getByLabel("Message of").fill("Friday at five?");
    await phone(ann).getByLabel("Message of").press("Enter");
    await bubble(bob, "Friday at five?").getByText(ann).waitFor();
    await phone(bob).getByLabel("Message of").fill("Works for me");
    await phone(bob).getByLabel("Message of").press("Enter");
    await bubble(ann, "Works for me").getByText(bob).waitFor();
    const messages = await account.conversations(sid).messages.list();
    expect(messages.map(({ author }) => author)).toEqual([ann, bob]);
    await account.conversations(sid).messages.create({ author: "agent", body: "See you there" });
    for (const person of [ann, bob])
      await bubble(person, "See you there").getByText("agent", { exact: true }).waitFor();
  });

  it("shows why a message was not routed, and keeps a text that could not be sent", async () => {
    const account = fixture.current;
    const { page, phone, bubble } = await consoles.open(account);
    await page.getByText("No phone has been used yet.").waitFor();
    const add = page.getByLabel("Address of a phone");
    await add.fill("5558675310");
    await add.press("Enter");
    for (const form of ["+1", "whatsapp:+1", "messenger:7", "rcs:+1"])
      await page.getByText(`“5558675310” is not the address of a phone.`).filter({ hasText: form }).waitFor();
    await add.fill(ann);
    await add.press("Enter");
    await phone(ann).getByLabel("Message of").fill("Anybody there?");
    await phone(ann).getByLabel("Message of").press("Enter");
    await phone(ann).getByText("It was not routed: no conversation has this number pair.").waitFor();
    await phone(ann).getByText(`Autocreation is off for ${account.emulator.smsNumber}`).waitFor();
    await bubble(ann, "Anybody there?").getByText("no conversation").waitFor();
    await phone(ann).getByLabel("Chat of").selectOption("several numbers…");
    await phone(ann).getByLabel("Numbers that").fill(`${bob}, ${ann}`);
    await phone(ann).getByLabel("Message of").fill("Dinner?");
    await phone(ann).getByLabel("Message of").press("Enter");
    await phone(ann).getByText("is not a number of this account").waitFor();
    expect(await phone(ann).getByLabel("Message of").inputValue()).toBe("Dinner?");
  });

  it("creates a conversation for an unrouted text, which is then sent again", async () => {
    const account = fixture.current;
    await account.send(ann, account.emulator.smsNumber, "Hello?");
    const { phone } = await consoles.open(account);
    await phone(ann).getByLabel("Message of").fill("Is it still for sale?");
    await phone(ann).getByLabel("Message of").press("Enter");
    await phone(ann).getByRole("button", { name: "Create a conversation" }).click();
    await phone(ann).getByText("The conversation was created").waitFor();
    await phone(ann).getByLabel("Message of").press("Enter");
    await phone(ann).getByText("The conversation was created").waitFor({ state: "detached" });
    const [conversation] = await account.conversations.list();
    const messages = await account.conversations(String(conversation?.sid)).messages.list();
    expect(messages).toMatchObject([{ author: ann, body: "Is it still for sale?" }]);
  });

  it("shows webhooks with request and response", async () => {
    const account = fixture.current;
    const receiver = await account.receiver((_request, response) => response.end('{"status":"seen"}'));
    const configuration = { postWebhookUrl: `${receiver.url}/hook`, filters: ["onMessageAdded"] };
    await account.client.conversations.v1.configuration.webhooks().update(configuration);
    await conversationOf(account, "Delivery 7", ann, bob);
    const { page } = await consoles.open(account);
    await page.getByText("No webhook has been sent yet.").waitFor();
    await account.send(ann, account.emulator.smsNumber, "Hi");
    const entry = page.getByRole("log", { name: "Webhook log" }).getByRole("listitem");
    await entry.getByText("onMessageAdded").click();
    await entry.getByRole("row", { name: "EventType onMessageAdded" }).waitFor();
    await entry.getByRole("row", { name: "Body Hi" }).waitFor();
    await entry.getByRole("row", { name: "X-Twilio-Signature" }).waitFor();
    await entry.getByText('"status": "seen"').waitFor();
    await entry.getByRole("button", { name: "Send again" }).click();
    await entry.getByText(/· sent again$/).waitFor();
    expect(receiver.values("Body")).toEqual(["Hi", "Hi"]);
    await receiver.close();
    await account.send(ann, account.emulator.smsNumber, "Is the receiver gone?");
    await entry.getByText("no response").waitFor();
    expect(await entry.count()).toBe(3);
  });

  it("advances the clock and the timers", async () => {
    const account = fixture.current;
    const timers = { "timers.inactive": "PT1H", "timers.closed": "P1D" };
    await account.conversations.create({ friendlyName: "Delivery 7", ...timers });
    const { page } = await consoles.open(account);
    const row = page.getByRole("button", { name: "Delivery 7" });
    await row.getByText("inactive in 1 h").waitFor();
    await page.getByText("Mon, 5 Jan 2026 10:00:00 UTC").waitFor();
    await page.getByRole("button", { name: "+1 min" }).click();
    await row.getByText("inactive in 59 min").waitFor();
    await page.getByRole("button", { name: "+1 h", exact: true }).click();
    await row.getByText("inactive", { exact: true }).waitFor();
    await row.click();
    await page.getByLabel("ISO 8601 duration").fill("soon");
    await page.getByRole("button", { name: "Advance" }).click();
    await page.getByText("must be an ISO 8601 duration").waitFor();
    await page.getByLabel("ISO 8601 duration").fill("P1D");
    await page.getByRole("button", { name: "Advance" }).click();
    await page.locator("#conversation").getByText("closed", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Settle" }).click();
    await page.getByText("Nothing is pending.").waitFor();
    await page.getByLabel("runs").click({ force: true });
    await page.getByText("The clock runs.").waitFor();
    expect(account.emulator.clock.mode).toBe("real");
  });

  it("can be used with the keyboard alone", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const { webhooks } = account.client.conversations.v1.configuration;
    await webhooks().update({ postWebhookUrl: receiver.url, filters: ["onMessageAdded"] });
    await conversationOf(account, "Delivery 7", bob);
    await account.send(bob, account.emulator.smsNumber, "Hi");
    const { page, phone, bubble } = await consoles.open(account);
    const { keyboard } = page;
    await tabTo(page, "stopped");
    await keyboard.press("ArrowLeft");
    await page.getByText("The clock runs.").waitFor();
    await tabTo(page, "+24 h");
    await keyboard.press("Enter");
    await page.getByText("Advanced by P1D.").waitFor();
    await tabTo(page, "Address of a phone");
    await keyboard.type(ann);
    await keyboard.press("Enter");
    await phone(ann).locator("textarea:focus").waitFor();
    await keyboard.type("Hello");
    await keyboard.press("Enter");
    await bubble(ann, "Hello").waitFor();
    await tabTo(page, "Delivery 7");
    await keyboard.press("Enter");
    await page.locator("#conversation h3:focus").waitFor();
    await keyboard.press("Escape");
    await page.locator("#conversation-list button:focus").waitFor();
    await tabTo(page, "onMessageAdded");
    await keyboard.press("Enter");
    await page.getByRole("row", { name: "Body Hi" }).waitFor();
  });

  it("keeps the focus when the focused element changes, and when an element above is removed", async () => {
    const account = fixture.current;
    await conversationOf(account, "Delivery 7", ann, bob);
    const sid = await conversationOf(account, "Newer");
    const { page } = await consoles.open(account);
    await page.getByRole("button", { name: "Delivery 7" }).focus();
    await account.send(ann, account.emulator.smsNumber, "Something new");
    await page.locator("#conversation-list button:focus").getByText("Something new").waitFor();
    await account.conversations(sid).remove();
    await page.getByText("Newer").waitFor({ state: "detached" });
    await page.locator("#conversation-list button:focus").getByText("Something new").waitFor();
  });

  it("shows pictures that the emulator has, and links to those on other hosts", async () => {
    const account = fixture.current;
    await conversationOf(account, "Delivery 7", ann, bob);
    const pixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
    const media = [`data:image/png;base64,${pixel}`, "https://example.com/pictures/door.jpg"];
    await account.send(ann, account.emulator.smsNumber, { body: "Look", media });
    const { page, bubble } = await consoles.open(account);
    await bubble(bob, "Look").locator("img.picture").waitFor();
    await expect
      .poll(() => page.evaluate('document.querySelector(".in img.picture")?.naturalWidth === 1'))
      .toBe(true);
    const link = bubble(bob, "Look").getByRole("link", { name: "door.jpg" });
    expect(await link.getAttribute("href")).toBe("https://example.com/pictures/door.jpg");
  });

  it("shows twelve phones, and the number of the others", async () => {
    const account = fixture.current;
    const people = Array.from({ length: 14 }, (_, i) => `+155586753${10 + i}`);
    for (const person of people) await account.send(person, account.emulator.smsNumber, "Hi");
    const { page, phone } = await consoles.open(account);
    await page.getByText("2 more: add them by address").waitFor();
    await page.getByLabel("Address of a phone").fill(people[0] ?? "");
    await page.getByLabel("Address of a phone").press("Enter");
    await phone(people[0] ?? "")
      .getByText("Hi")
      .waitFor();
    await page.getByText("1 more: add them by address").waitFor();
  });

  it("reloads everything when the emulator is reset", async () => {
    const account = fixture.current;
    const receiver = await account.receiver();
    const { webhooks } = account.client.conversations.v1.configuration;
    const begin = async (name: string, text: string) => {
      await webhooks().update({ postWebhookUrl: receiver.url, filters: ["onMessageAdded"] });
      await conversationOf(account, name, ann);
      await account.send(ann, account.emulator.smsNumber, text);
    };
    await begin("Before", "First");
    const { page, bubble } = await consoles.open(account);
    await bubble(ann, "First").waitFor();
    await page.getByText("onMessageAdded").click();
    await page.getByRole("row", { name: "Body First" }).waitFor();
    await account.control("POST", "/reset");
    await page.getByText("No phone has been used yet.").waitFor();
    await page.getByText("There is no conversation yet.").waitFor();
    await begin("After", "Second");
    await page.getByRole("button", { name: "After" }).waitFor();
    await page.getByText("onMessageAdded").click();
    await page.getByRole("row", { name: "Body Second" }).waitFor();
  });
});
