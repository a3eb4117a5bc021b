import type { TestAccount } from "./emulator.ts";

/** A conversation as the official client has it. */
export type ConversationContext = Awaited<ReturnType<TestAccount["conversation"]>>;

/** A person who writes to a number of the account. */
export function pair(address: string, proxyAddress: string) {
  return { "messagingBinding.address": address, "messagingBinding.proxyAddress": proxyAddress };
}

/** A member of a group text with a phone of their own. */
export function member(address: string) {
  return { "messagingBinding.address": address };
}

/** A number of the account as a member of a group text, for an identity or for nobody. */
export function projection(address: string, identity?: string) {
  return {
    "messagingBinding.projectedAddress": address,
    ...(identity === undefined ? {} : { identity }),
  };
}

type MessageParams = NonNullable<Parameters<ConversationContext["messages"]["create"]>[0]>;

/** Posts a message, lets everything follow, and says what became of it for each recipient, in order. */
export async function post(account: TestAccount, conversation: ConversationContext, params: MessageParams) {
  const { sid } = await conversation.messages.create(params);
  await account.emulator.settle();
  return outcomes(conversation, sid);
}

/** What became of a message for each recipient: the status, and the code where something went wrong. */
export async function outcomes(conversation: ConversationContext, messageSid: string): Promise<string[]> {
  const receipts = await conversation.messages(messageSid).deliveryReceipts.list();
  return receipts.map(({ status, errorCode }) => (errorCode === 0 ? status : `${status} ${errorCode}`));
}

/** Uploads a file of so many bytes to the media service. Returns its SID. */
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

/** Gives a phone a state. */
export function turn(account: TestAccount, address: string, state: string) {
  return account.control("POST", `/phones/${encodeURIComponent(address)}`, { state });
}
