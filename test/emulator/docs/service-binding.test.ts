import { expect, it } from "vitest";
import { refusal, useBench } from "../support/emulator.ts";

const bench = useBench();

it("The Service Binding Resource page: there are none until a device registers through an SDK", async () => {
  const b = bench.current;
  const service = b.client.conversations.v1.services(b.emulator.chatServiceSid);
  expect(await service.bindings.list({ limit: 20 })).toEqual([]);
  expect(await service.bindings.list({ bindingType: ["apn", "fcm"], identity: ["alice"] })).toEqual([]);
  const unknown = service.bindings.list({ bindingType: ["pigeon" as "apn"] });
  expect(await refusal(unknown)).toBe("400/50209");
  const sid = `BS${"a".repeat(32)}`;
  expect(await refusal(service.bindings(sid).fetch())).toBe("404/20404");
  expect(await refusal(service.bindings(sid).remove())).toBe("404/20404");
});
