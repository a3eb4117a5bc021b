import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("Monitor has an alert for each webhook that failed", async () => {
  const account = fixture.current;
  const receiver = await account.receiver((_request, response) => response.writeHead(500).end("oh no"));
  await account.client.conversations.v1.configuration.webhooks().update({ postWebhookUrl: receiver.url });
  await account.conversation({ xTwilioWebhookEnabled: "true" });
  await account.emulator.settle();
  const { alerts } = account.client.monitor.v1;
  const [alert] = await alerts.list();
  const startTime = account.emulator.clock.now();
  expect(await alerts.list({ startDate: new Date(startTime), endDate: new Date(startTime) })).toHaveLength(1);
  expect(await alerts.list({ startDate: new Date(startTime + 1000) })).toEqual([]);
  expect(await alerts.list({ endDate: new Date(startTime - 1000) })).toEqual([]);
  expect(alert).toMatchObject({ errorCode: "11217", logLevel: "error", requestMethod: "POST" });
  expect(await alerts(String(alert?.sid)).fetch()).toMatchObject({
    responseBody: "oh no",
    requestVariables: expect.stringContaining("EventType=onConversationAdded"),
  });
});
