import * as sdk from "@twilio/conversations";
import { describe, expect, it } from "vitest";
import { chromiumPath } from "../../../support/chromium.ts";
import { useConsole } from "../../support/console.ts";
import { notify, registerDevice } from "../../support/devices.ts";
import { useAccount } from "../../support/emulator.ts";
import { nodeContext } from "../../support/sdk.ts";

const chatPage = "http://localhost:1/chat/index.html";
const fixture = useAccount({ chatPage });

describe.skipIf(chromiumPath === undefined)("the chat users in the console", () => {
  const consoles = useConsole();

  it("are those who are online, with their SDK, and those who were sent pushes", async () => {
    const account = fixture.current;
    const { page } = await consoles.open(account);
    const users = page.getByRole("region", { name: "Chat users" });
    expect(await users.getByRole("listitem").count()).toBe(0);
    const { context, close } = nodeContext(account, sdk);
    await context.signIn("alice");
    await users.getByText("online, 1").waitFor();
    await users.getByText("alice").click();
    await users.getByText("SDK 3.0.1 (latest) in Node.js").waitFor();
    await registerDevice(account, "bob", "fcm");
    await notify(account, { "newMessage.enabled": true });
    const { sid } = await account.conversations.create();
    await account.conversations(sid).participants.create({ identity: "bob" });
    await account.conversations(sid).messages.create({ body: "ring", author: "alice" });
    await users.getByText("1 push").waitFor();
    await users.getByText("bob").click();
    await users.getByText("push by fcm: new message, sent").waitFor();
    await close();
    await users.getByText("alice").waitFor({ state: "detached" });
  });

  it("opens the chat page as any user, with a token that the emulator accepts", async () => {
    const account = fixture.current;
    const { page } = await consoles.open(account);
    await page
      .context()
      .route(`${chatPage}**`, (route) => route.fulfill({ body: "The chat page", contentType: "text/plain" }));
    await page.getByLabel("Identity of a chat user").fill("zoë");
    const opened = page.waitForEvent("popup");
    await page.getByRole("button", { name: "Open chat page" }).click();
    const popup = await opened;
    await popup.getByText("The chat page").waitFor();
    const fragment = new URLSearchParams(new URL(popup.url()).hash.slice(1));
    const { body } = await account.control("POST", "/tokens", { token: fragment.get("token") });
    expect(body).toMatchObject({ valid: true, identity: "zoë" });
    expect(fragment.get("socket")).toBe(`${account.emulator.url.replace("http", "ws")}/v3/wsconnect`);
  });
});
