import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();
const url = "https://example.com/hook";

it("The webhook configuration is at its older path, too", async () => {
  const account = fixture.current;
  const set = await account.rest(
    "POST",
    "/v1/Conversations/Webhooks",
    `PostWebhookUrl=${encodeURIComponent(url)}`,
  );
  expect(set).toMatchObject({ status: 200, body: { post_webhook_url: url } });
  expect((await account.rest("GET", "/v1/Conversations/Webhooks")).body).toEqual(set.body);
  expect((await account.rest("GET", "/v1/Configuration/Webhooks")).body).toEqual(set.body);
});
