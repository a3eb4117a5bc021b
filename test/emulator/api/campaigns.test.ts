import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("a campaign is pending until it is decided, and gone with its registration when it is deleted", async () => {
  const account = fixture.current;
  const service = account.client.messaging.v1.services(account.emulator.messagingServiceSid);
  const campaign = {
    brandRegistrationSid: `BN${"0".repeat(32)}`,
    description: "Tells customers when their deliveries arrive at the door",
    messageFlow: "Customers agree to texts when they order on our web site",
    messageSamples: ["Your parcel arrives today at five", "Your parcel has arrived, thank you"],
    usAppToPersonUsecase: "DELIVERY_NOTIFICATION",
    hasEmbeddedLinks: false,
    hasEmbeddedPhone: false,
  };
  const { sid, campaignStatus } = await service.usAppToPerson.create(campaign);
  expect(campaignStatus).toBe("PENDING");
  expect(await rejection(service.usAppToPerson.create(campaign))).toMatch(/^409/);
  await account.control("POST", "/campaigns", {
    messagingServiceSid: account.emulator.messagingServiceSid,
  });
  expect((await service.usAppToPerson.list()).map((one) => one.campaignStatus)).toEqual(["VERIFIED"]);
  expect((await service.fetch()).usAppToPersonRegistered).toBe(true);
  await service.usAppToPerson(sid).remove();
  expect((await service.fetch()).usAppToPersonRegistered).toBe(false);
  expect(await rejection(service.usAppToPerson.create({ ...campaign, description: "short" }))).toBe(
    "400/20422",
  );
});
