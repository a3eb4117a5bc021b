import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../infra/endpoints.ts";
import { FUNCTIONS } from "../../infra/template/functions.ts";
import { fillFrame, lambdaFunctions, makeTemplate, templateFile } from "../../infra/template/template.ts";

const frame = readFileSync(join(root, "infra/template/frame.yaml"), "utf8");

describe("infra/template.yaml", () => {
  it("is up to date: run `npm run template` after a change of an endpoint or of infra/template", async () => {
    expect(readFileSync(templateFile, "utf8")).toBe(await makeTemplate());
  });

  it("describes a function by the first sentence of its endpoint's page", async () => {
    const close = (await lambdaFunctions(FUNCTIONS)).find(({ name }) => name === "conversations/close");
    expect(close?.description).toBe("Closes a conversation for good, which frees its number pairs.");
  });

  it("sets a variable that one function reads for that function only", async () => {
    const template = await makeTemplate();
    expect(template.match(/ PROXY_ADDRESSES: /g)).toHaveLength(1);
    const connect = /\n {2}ConversationsConnectFunction:\n[\s\S]*?\n\n/.exec(template)?.[0];
    expect(connect).toContain("PROXY_ADDRESSES: !Ref ProxyAddresses\n");
  });

  it.each([
    [
      "settings without an endpoint",
      () => lambdaFunctions({ ...FUNCTIONS, tokens: { statements: [] } }),
      "there is no endpoint tokens",
    ],
    [
      "a variable without a parameter",
      async () => fillFrame(frame.replaceAll("ProxyAddresses:", "Others:"), await lambdaFunctions(FUNCTIONS)),
      "add a parameter ProxyAddresses for PROXY_ADDRESSES, which conversations/connect reads",
    ],
    [
      "a role that the frame does not have",
      async () => fillFrame(frame.replace("  FunctionRole:", "  Other:"), await lambdaFunctions(FUNCTIONS)),
      "has no role FunctionRole, for ",
    ],
    [
      "a frame without a marker for the generated part",
      async () => fillFrame(frame.replace("# Generated functions", "#"), await lambdaFunctions(FUNCTIONS)),
      "has no line",
    ],
  ])("names %s", async (_what, make, message) => {
    await expect(make()).rejects.toThrow(message);
  });
});
