import { expect } from "vitest";
import type { PushType } from "../../../emulator/domain/account-model.ts";
import type { Push } from "../../../emulator/push/pushes.ts";
import type { TestAccount } from "./emulator.ts";

/** Registers a device of a user with a credential of its own, and gives the SIDs of both. */
export async function registerDevice(
  account: TestAccount,
  identity: string,
  type: PushType,
  more: object = {},
) {
  const { sid: credentialSid } = await account.client.conversations.v1.credentials.create({ type });
  const device = { type, endpoint: `${identity}-endpoint`, credentialSid, ...more };
  const { status, body } = await account.control("POST", `/users/${identity}/bindings`, device);
  expect(status, JSON.stringify(body)).toBe(201);
  return { credentialSid, sid: String(body.sid) };
}

/** The default conversation service, by the official client. */
export function defaultService(account: TestAccount) {
  return account.client.conversations.v1.services(account.emulator.chatServiceSid);
}

type Settings = Parameters<
  ReturnType<ReturnType<typeof defaultService>["configuration"]["notifications"]>["update"]
>[0];

/** Changes what the default service sends. */
export async function notify(account: TestAccount, settings: Settings): Promise<void> {
  await defaultService(account).configuration.notifications().update(settings);
}

/** What was sent to the devices of a user, or of everybody. */
export async function pushes(account: TestAccount, identity?: string): Promise<Push[]> {
  const { body } = await account.control(
    "GET",
    `/pushes${identity === undefined ? "" : `?identity=${identity}`}`,
  );
  return body.pushes as Push[];
}

/** The texts that a user's devices were to show. */
export async function texts(account: TestAccount, identity: string): Promise<unknown[]> {
  return (await pushes(account, identity)).map(({ payload }) => {
    const { aps, data } = payload as { aps?: { alert?: { body: string } }; data?: Record<string, string> };
    return aps?.alert?.body ?? data?.twi_body;
  });
}
