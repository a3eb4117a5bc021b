import type { TestAccount } from "./emulator.ts";

/** A conversation of the official client. */
export type ConversationContext = Awaited<ReturnType<TestAccount["conversation"]>>;

/** A participant by address and proxy address. */
export function pair(address: string, proxyAddress: string) {
  return { "messagingBinding.address": address, "messagingBinding.proxyAddress": proxyAddress };
}

/** A member of a group text by address. */
export function member(address: string) {
  return { "messagingBinding.address": address };
}

/** A number of the account as a member of a group text, with or without an identity. */
export function projection(address: string, identity?: string) {
  return {
    "messagingBinding.projectedAddress": address,
    ...(identity === undefined ? {} : { identity }),
  };
}

type MessageParams = NonNullable<Parameters<ConversationContext["messages"]["create"]>[0]>;

/** Creates a message and waits for its effects. @returns the outcome for each recipient, in order. */
export async function post(account: TestAccount, conversation: ConversationContext, params: MessageParams) {
  const { sid } = await conversation.messages.create(params);
  await account.emulator.settle();
  return outcomes(conversation, sid);
}

/** The outcomes of a message for each recipient: the status, and the error code if there is one. */
export async function outcomes(conversation: ConversationContext, messageSid: string): Promise<string[]> {
  const receipts = await conversation.messages(messageSid).deliveryReceipts.list();
  return receipts.map(({ status, errorCode }) => (errorCode === 0 ? status : `${status} ${errorCode}`));
}

/** Uploads a file to the media service. @param size in bytes. @returns its SID. */
export async function upload(account: TestAccount, contentType: string, size: number): Promise<string> {
  const { url, accountSid, authToken, chatServiceSid } = account.emulator;
  const Authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  const answer = await fetch(`${url}/v1/Services/${chatServiceSid}/Media`, {
    method: "POST",
    headers: { Authorization, "Content-Type": contentType },
    body: Buffer.alloc(size),
  });
  const { sid } = (await answer.json()) as { sid: string };
  return sid;
}

/** Sets the state of a phone. */
export function setPhone(account: TestAccount, address: string, state: string) {
  return account.control("POST", `/phones/${encodeURIComponent(address)}`, { state });
}
