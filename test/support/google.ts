import type { Page } from "playwright-core";

/** Replaces Google's services: the browser's push service and the two APIs that Firebase calls. */
export async function standInForGoogle(page: Page): Promise<void> {
  await page.addInitScript(`
    const subscription = {
      endpoint: "https://push.example/1",
      getKey: () => new Uint8Array(65).buffer,
      unsubscribe: async () => true,
    };
    PushManager.prototype.getSubscription = async () => subscription;
    PushManager.prototype.subscribe = async () => subscription;
  `);
  const settings = { apiKey: "key", projectId: "shop", messagingSenderId: "1", appId: "1:1:web:1" };
  const vapidKey = Buffer.alloc(65, 4).toString("base64url");
  await page.route("**/firebase.json", (route) => route.fulfill({ json: { ...settings, vapidKey } }));
  const authToken = { token: "an installation's", expiresIn: "604800s" };
  const installation = { fid: "d".repeat(22), refreshToken: "refresh", authToken };
  await page.route("https://firebaseinstallations.googleapis.com/**", (route) =>
    route.fulfill({ json: installation }),
  );
  await page.route("https://fcmregistrations.googleapis.com/**", (route) =>
    route.fulfill({ json: { token: "device of dana" } }),
  );
}
