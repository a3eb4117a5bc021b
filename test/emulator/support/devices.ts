import { expect } from "vitest";
import type { PushType } from "../../../emulator/domain/account-model.ts";
import type { Push } from "../../../emulator/push/pushes.ts";
import type { Bench } from "./emulator.ts";

/** Registers a device of a user with a credential of its own, and gives the SIDs of both. */
export async function registerDevice(b: Bench, identity: string, type: PushType, more: object = {}) {
  const { sid: credentialSid } = await b.client.conversations.v1.credentials.create({ type });
  const device = { type, endpoint: `${identity}-endpoint`, credentialSid, ...more };
  const { status, body } = await b.control("POST", `/users/${identity}/bindings`, device);
  expect(status, JSON.stringify(body)).toBe(201);
  return { credentialSid, sid: String(body.sid) };
}

/** The default conversation service, by the official client. */
export function defaultService(b: Bench) {
  return b.client.conversations.v1.services(b.emulator.chatServiceSid);
}

type Settings = Parameters<
  ReturnType<ReturnType<typeof defaultService>["configuration"]["notifications"]>["update"]
>[0];

/** Changes what the default service sends. */
export async function notify(b: Bench, settings: Settings): Promise<void> {
  await defaultService(b).configuration.notifications().update(settings);
}

/** What was sent to the devices of a user, or of everybody. */
export async function pushes(b: Bench, identity?: string): Promise<Push[]> {
  const { body } = await b.control("GET", `/pushes${identity === undefined ? "" : `?identity=${identity}`}`);
  return body.pushes as Push[];
}

/** The texts that a user's devices were to show. */
export async function texts(b: Bench, identity: string): Promise<unknown[]> {
  return (await pushes(b, identity)).map(({ payload }) => {
    const { aps, data } = payload as { aps?: { alert?: { body: string } }; data?: Record<string, string> };
    return aps?.alert?.body ?? data?.twi_body;
  });
}
