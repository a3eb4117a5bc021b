import type { Client } from "@twilio/conversations";
import { thisSession } from "./connection.ts";
import { part } from "./dom.ts";
import type { Device, FirebaseSettings } from "./firebase.ts";
import { attemptChange, showProblem } from "./problems.ts";
import { texts } from "./texts.ts";
import { storage } from "./token.ts";

/*
 * Notifications on this device while the page is not visible ("Push Notifications on the Web for Conversations").
 */

const WORKER = "push-worker.js";
const FIELDS = ["apiKey", "projectId", "messagingSenderId", "appId", "vapidKey"] as const;

/** The identity of the user who has turned notifications on. */
const USER = "parley.pushUser";

let device: Device | undefined;

/**
 * Shows the button for notifications, and registers the device again if they are on. If another user has turned them on,
 * they are turned off: the device would go on receiving the messages of that user.
 */
export async function offerPush(client: Client): Promise<void> {
  const isCurrent = thisSession();
  const button = part("push", HTMLButtonElement);
  const show = (isOn: boolean) => {
    if (!isCurrent()) return;
    button.textContent = isOn ? texts.push.turnOff : texts.push.turnOn;
    button.onclick = () => void attemptChange(async () => show(await (isOn ? turnOff : turnOn)(client)));
  };
  show(false);
  button.hidden = false;
  // In a frame of another site, a browser may deny workers.
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  if (worker === undefined || Notification.permission !== "granted" || !isCurrent()) return;
  if (storage("localStorage")?.getItem(USER) === client.user.identity) show(await turnOn(client));
  else await unsubscribe(worker);
}

/** Stops showing the pushes for the user of a session that has ended. */
export function endPush(): void {
  if ("serviceWorker" in navigator) navigator.serviceWorker.onmessage = null;
}

/** Without the former user's access token the registration with Twilio stays; what is sent to it reaches nobody. */
async function unsubscribe(worker: ServiceWorkerRegistration): Promise<void> {
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  await worker.unregister();
  device = undefined;
}

/** Turns notifications on. Returns whether that succeeded, and shows why not. */
async function turnOn(client: Client): Promise<boolean> {
  const isCurrent = thisSession();
  const refuse = (reason: string) => {
    showProblem(reason);
    return false;
  };
  if (!("serviceWorker" in navigator && "PushManager" in window)) return refuse(texts.push.unsupported);
  const settings = await readSettings();
  if (settings === undefined || !hasCredential(client.token)) return refuse(texts.push.notConfigured);
  if ((await Notification.requestPermission()) !== "granted") return refuse(texts.push.blocked);
  await navigator.serviceWorker.register(WORKER);
  const { openDevice } = await import("./firebase.ts");
  device ??= openDevice(settings, await navigator.serviceWorker.ready);
  const token = await device.getToken();
  if (!isCurrent()) return false;
  // Before the registration: if the page is closed in between, the next user must be known to be another one.
  storage("localStorage")?.setItem(USER, client.user.identity);
  await client.setPushRegistrationId("fcm", token);
  if (!isCurrent()) return false;
  navigator.serviceWorker.onmessage = ({ data }) => void client.handlePushNotification(data);
  return true;
}

async function turnOff(client: Client): Promise<boolean> {
  if (device !== undefined) {
    await client.removePushRegistrations("fcm", await device.getToken());
    await device.forget();
  }
  const worker = await navigator.serviceWorker.getRegistration();
  await worker?.unregister();
  return false;
}

/** The deployment's `firebase.json`; undefined if it is null. @throws if a field is missing. */
async function readSettings(): Promise<FirebaseSettings | undefined> {
  const given: unknown = await (await fetch("firebase.json")).json();
  if (given === null) return undefined;
  const fields = new Map(Object.entries(Object(given)));
  const missing = FIELDS.find((name) => typeof fields.get(name) !== "string");
  if (missing !== undefined) throw new Error(`firebase.json has no text "${missing}": see docs/chat.md`);
  return given as FirebaseSettings;
}

/** Whether the access token names a push credential: without one the SDK would retry the registration endlessly. */
function hasCredential(token: string): boolean {
  const payload = token.split(".")[1] ?? "";
  const { grants } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  return typeof grants.chat.push_credential_sid === "string";
}
