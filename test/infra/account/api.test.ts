import { expect, it } from "vitest";
import { TwilioApi } from "../../../infra/account/api.ts";

const settings = { ACCOUNT_SID: `AC${"0".repeat(32)}`, AUTH_TOKEN: "0".repeat(32) };

it.each([
  [{}, "https://conversations.twilio.com"],
  [{ TWILIO_REGION: "ie1" }, "https://conversations.ie1.twilio.com"],
  [{ TWILIO_REGION: "ie1", TWILIO_EDGE: "dublin" }, "https://conversations.dublin.ie1.twilio.com"],
])("requests with the settings %j are sent to %s, as the endpoints send theirs", (location, url) => {
  expect(new TwilioApi({ ...settings, ...location }).urlOf("conversations")).toBe(url);
});

it("a region that is no name is a setting to correct", () => {
  const open = () => new TwilioApi({ ...settings, TWILIO_REGION: "https://ie1" });
  expect(open).toThrow(/TWILIO_REGION must be a name such as ie1 or dublin.* Set it in .env/);
});
