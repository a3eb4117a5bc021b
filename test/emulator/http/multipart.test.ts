import { describe, expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const logged: string[] = [];
const fixture = useAccount({ log: (line) => logged.push(line) });

/** A form as multipart/form-data, with a boundary that its values come close to. */
function multipart(fields: readonly (readonly [string, string])[]) {
  const part = ([name, value]: readonly [string, string]) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  return `${fields.map(part).join("")}--b--\r\n`;
}
const type = { "Content-Type": "multipart/form-data; boundary=b" };

describe("multipart/form-data", () => {
  it("is a form, with text of any kind and repeated fields", async () => {
    const account = fixture.current;
    const friendlyName = "a --b \u00e9\r\n\r\n--bc";
    const made = await account.rest(
      "POST",
      "/v1/Conversations",
      multipart([["FriendlyName", friendlyName]]),
      type,
    );
    expect(made).toMatchObject({ status: 201, body: { friendly_name: friendlyName } });
    const role = multipart([
      ["FriendlyName", "r"],
      ["Type", "conversation"],
      ["Permission", "sendMessage"],
      ["Permission", "leaveConversation"],
    ]);
    expect((await account.rest("POST", "/v1/Roles", role, type)).body.permissions).toEqual([
      "sendMessage",
      "leaveConversation",
    ]);
  });

  it("is read as FormData writes it, without its files", async () => {
    const { url, accountSid, authToken } = fixture.current.emulator;
    const form = new FormData();
    form.append("UniqueName", new Blob(["file"]), "file.txt");
    form.append("FriendlyName", "multi");
    const Authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const response = await fetch(`${url}/v1/Conversations`, {
      method: "POST",
      headers: { Authorization },
      body: form,
    });
    expect(await response.json()).toMatchObject({ friendly_name: "multi", unique_name: null });
  });
});

describe("a body that is no form", () => {
  it.each(["application/json", "text/plain;charset=UTF-8"])("of the type %s is reported", async (kind) => {
    const account = fixture.current;
    const { status } = await account.rest("POST", "/v1/Conversations", '{"FriendlyName":"x"}', {
      "Content-Type": kind,
    });
    expect(status).toBe(201);
    expect(logged.at(-1)).toContain(`POST /v1/Conversations: the body is ${kind}, not a form`);
    const { timeline } = (await account.control("GET", "/timeline")).body as { timeline: object[] };
    expect(timeline).toContainEqual(expect.objectContaining({ kind: "request", ignoredBody: kind }));
  });
});
