/** The first paragraph of a new handler's comment, which a test rejects in a page. */
export const PLACEHOLDER = "Describe in one sentence what this endpoint does.";

/** Initial versions of the files that are written by hand for a new endpoint, by their path from the root. */
export function filesOf(name: string): ReadonlyMap<string, string> {
  const up = "../".repeat(name.split("/").length);
  return new Map([
    [`handlers/${name}.ts`, handlerOf(up)],
    [`test/handlers/${name}.test.ts`, testOf(name, up)],
  ]);
}

const handlerOf = (up: string): string => `import * as v from "valibot";
import { backEnd } from "${up}core/access/back-end.ts";
import { defineHandler } from "${up}core/handler.ts";
import { conversationKey } from "${up}core/input.ts";
import { conversationOf, conversations } from "${up}core/twilio/conversations.ts";
import { explainTwilioError } from "${up}core/twilio/errors.ts";

/**
 * ${PLACEHOLDER}
 *
 * Say how it stays correct when it is called twice.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations },
  input: v.strictObject({
    /** The conversation. */
    conversationSid: conversationKey(),
  }),
  async run({ conversationSid }, { conversations }) {
    try {
      const { sid } = await conversationOf(conversations, conversationSid).fetch();
      return { status: "found" as const, conversationSid: sid };
    } catch (error) {
      throw explainTwilioError(error, { field: "conversationSid" });
    }
  },
});
`;

const testOf = (name: string, up: string): string => `import { describe, expect, it } from "vitest";
import { platforms } from "${up}support/platforms.ts";
import { useSystem } from "${up}support/system.ts";

describe.each(platforms)("${name} on $name", (platform) => {
  const system = useSystem(platform);

  it("answers with the conversation", async () => {
    const { sid } = await system.current.account.conversations.create();
    expect(await system.current.call("/${name}", { conversationSid: sid })).toMatchObject({
      status: 200,
      body: { status: "found", conversationSid: sid },
    });
  });

  it("answers 404 for a conversation that does not exist", async () => {
    const conversationSid = \`CH\${"0".repeat(32)}\`;
    expect(await system.current.call("/${name}", { conversationSid })).toMatchObject({
      status: 404,
      body: { code: "not_found", field: "conversationSid" },
    });
  });
});
`;
