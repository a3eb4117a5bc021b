import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Service-Scoped Conversation Resource page: create, fetch, list, update, delete", async () => {
  const account = fixture.current;
  const { sid: serviceSid } = await account.client.conversations.v1.services.create({
    friendlyName: "Another",
  });
  const service = account.client.conversations.v1.services(serviceSid);
  const created = await service.conversations.create({ friendlyName: "Home-buying journey" });
  expect(created).toMatchObject({
    chatServiceSid: serviceSid,
    messagingServiceSid: account.emulator.messagingServiceSid,
    friendlyName: "Home-buying journey",
    uniqueName: null,
    attributes: "{}",
    state: "active",
    timers: {},
    bindings: {},
  });
  expect(created.url).toContain(`/v1/Services/${serviceSid}/Conversations/${created.sid}`);
  expect((await service.conversations(created.sid).fetch()).sid).toBe(created.sid);

  await account.emulator.advance(60_000);
  const later = await service.conversations.create({ state: "inactive" });
  const all = await service.conversations.list({ limit: 20 });
  expect(all.map(({ sid }) => sid)).toEqual([created.sid, later.sid]);
  const inRange = await service.conversations.list({ startDate: "2026-01-01T00:00:00Z" });
  expect(inRange.map(({ sid }) => sid)).toEqual([later.sid, created.sid]);
  const inactive = await service.conversations.list({ state: "inactive" });
  expect(inactive.map(({ sid }) => sid)).toEqual([later.sid]);

  const changes = { friendlyName: "Important Customer Question", uniqueName: "question" };
  expect(await service.conversations(created.sid).update(changes)).toMatchObject(changes);
  expect((await service.conversations("question").fetch()).sid).toBe(created.sid);
  await service.conversations(created.sid).remove();
  expect(await rejection(service.conversations(created.sid).fetch())).toBe("404/20404");
});
