import { describe, expect, it } from "vitest";
import { platforms } from "../../support/platforms.ts";
import { CUSTOMER, useSystem } from "../../support/system.ts";

const LARGEST_ANSWER = 64_000;

describe.each(platforms)("conversations/participants on $name", (platform) => {
  const system = useSystem(platform);
  const read = (input: object) =>
    system.current.call("/conversations/participants", input, {
      sub: "service",
      scope: "conversations:read",
    });
  const conversation = (sid: string) => system.current.account.conversations(sid);

  it("lists the participants", async () => {
    const { whatsappNumber } = system.current.account.emulator;
    const { sid } = await system.current.account.conversations.create();
    await conversation(sid).participants.create({ identity: "alice" });
    await conversation(sid).participants.create({
      "messagingBinding.address": CUSTOMER,
      "messagingBinding.proxyAddress": whatsappNumber,
    });
    const { body } = await read({ conversationSid: sid });
    expect(body).toMatchObject({
      status: "listed",
      total: 2,
      chatUsers: 1,
      people: 1,
      identities: "alice",
      addresses: CUSTOMER,
      after: null,
    });
    expect(JSON.parse(String(body.participants))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ identity: "alice", address: null, lastRead: null }),
        expect.objectContaining({ identity: null, address: CUSTOMER, proxyAddress: whatsappNumber }),
      ]),
    );
  });

  it("returns many in pages, each once", async () => {
    const { sid } = await system.current.account.conversations.create();
    const identities = Array.from({ length: 100 }, (_, i) => `${"😀".repeat(60)}${i}`);
    await Promise.all(identities.map((identity) => conversation(sid).participants.create({ identity })));
    const seen: string[] = [];
    let after: unknown;
    do {
      const input = { conversationSid: sid, ...(after === undefined ? {} : { after }) };
      const { body } = await read(input);
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(LARGEST_ANSWER);
      expect(body.total).toBe(100);
      seen.push(...String(body.identities).split(","));
      after = body.after;
    } while (after !== null);
    expect(seen.sort()).toEqual(identities.sort());
  });
});
