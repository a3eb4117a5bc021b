import { request } from "node:http";
import { expect, it } from "vitest";
import { useAccount } from "../support/emulator.ts";

const fixture = useAccount();

/** Asks with the given Host header, which fetch would not send. */
function ask(path: string, host?: string): Promise<{ status: number; message: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, fixture.current.emulator.url);
    request(url, { method: "POST", headers: host === undefined ? {} : { host } }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, message: JSON.parse(text).message }),
      );
    })
      .on("error", reject)
      .end();
  });
}

it.each([
  ["/v2/Conversations", "conversations.twilio.com", "conversationsV1Bridge"],
  ["/v2/ControlPlane/Configurations", "conversations.twilio.com", "conversationsV1Bridge"],
  ["/v1/Interactions", "flex-api.twilio.com", "Flex Interactions"],
  ["/v2/RegulatoryCompliance/Bundles", "numbers.twilio.com", "Compliance"],
  ["/v1/CustomerProfiles", "trusthub.twilio.com", "Compliance"],
  ["/v1/token", "oauth.twilio.com", "OAuth"],
  [`/v1/Services/ZS${"0".repeat(32)}/Builds`, "serverless.twilio.com", "twilio serverless:start"],
  ["/v9/Conversations", "conversations.twilio.com", "this version"],
])("%s says what is missing, with and without a host", async (path, host, what) => {
  for (const answer of [await ask(path, host), await ask(path)]) {
    expect(answer).toMatchObject({ status: 501, message: expect.stringContaining(what) });
    expect(answer.message).toContain(`POST `);
  }
});

it("The services of Serverless are missing, those of Conversations are not", async () => {
  expect(await ask("/v1/Services", "serverless.twilio.com")).toMatchObject({
    status: 501,
    message: expect.stringContaining("twilio serverless:start"),
  });
  expect((await ask("/v1/Services")).status).toBe(401);
});
