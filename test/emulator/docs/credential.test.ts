import { expect, it } from "vitest";
import { rejection, useAccount } from "../support/emulator.ts";

const fixture = useAccount();

it("The Credential Resource page: create, fetch, list, update, delete", async () => {
  const { credentials } = fixture.current.client.conversations.v1;
  const credential = await credentials.create({ type: "apn", friendlyName: "Phones", sandbox: true });
  expect(credential).toMatchObject({ type: "apn", friendlyName: "Phones", sandbox: "True" });
  expect((await credentials(credential.sid).fetch()).sid).toBe(credential.sid);
  expect(await credentials.list({ limit: 20 })).toHaveLength(1);
  expect(await credentials(credential.sid).update({ type: "fcm", secret: "s" })).toMatchObject({
    type: "fcm",
  });
  expect(await rejection(credentials.create({ type: "pigeon" as "apn" }))).toBe("400/50209");
  await credentials(credential.sid).remove();
  expect(await rejection(credentials(credential.sid).fetch())).toBe("404/20404");
});
