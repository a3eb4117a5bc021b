import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { channels, hasState } from "../../../emulator/channels/channels.ts";
import { phoneStates } from "../../../emulator/channels/phone-states.ts";
import { channels as pageChannels } from "../../../emulator/console/page/channels.ts";
import { type Channel, channelTraits, groupTextChannel } from "../../../emulator/domain/channels.ts";
import { useAccount } from "../support/emulator.ts";

const ids = Object.keys(channelTraits) as Channel[];

describe("a channel", () => {
  it("is named only in its own files and in the tables of all channels", () => {
    const root = fileURLToPath(new URL("../../../emulator/", import.meta.url));
    const tables = ["domain/channels.ts", "channels/channels.ts", "console/page/channels.ts"];
    const own = ids.map((id) => `channels/${id}.ts`);
    const name = new RegExp(`"(${ids.join("|")})"`);
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && ![...tables, ...own].includes(file),
    );
    const lines = files.flatMap((file) => readFileSync(`${root}${file}`, "utf8").split("\n"));
    const naming = lines.filter((line) => name.test(line)).map((line) => line.trim());
    // Names in Twilio's API that only WhatsApp has: the approval resource, and the channel of a typing indicator.
    expect(naming).toEqual([
      'whatsapp: { type: "whatsapp", ...presentApproval(content, approval) },',
      expect.stringContaining('form.get("channel")'),
    ]);
  });

  it("is shown by the console under its own name", () => {
    const shown = pageChannels.map(({ name: _name, example: _example, states, ...channel }) => ({
      ...channel,
      states: states.toSorted(),
    }));
    const expected = ids.map((id) => ({
      id,
      prefix: channelTraits[id].prefix,
      states: phoneStates.filter((state) => hasState(id, state)).toSorted(),
      reportsReads: channels[id].reportsReads,
      hasGroupTexts: id === groupTextChannel,
    }));
    const sorted = (rows: readonly { readonly id: string }[]) =>
      rows.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(sorted(shown)).toEqual(sorted(expected));
  });
});

const fixture = useAccount();

describe("the form of an address", () => {
  it("is stated for every channel when an address is invalid", async () => {
    const { status, body } = await fixture.current.control("POST", "/numbers", { address: "5550100" });
    expect(status).toBe(400);
    for (const { prefix } of Object.values(channelTraits)) expect(body.error).toContain(`"${prefix}`);
  });
});
