/* A separate module, so that Firebase becomes a separate file that is loaded only where it is configured. */
import { initializeApp } from "@firebase/app";
import { deleteToken, getMessaging, getToken } from "@firebase/messaging";

/** A web app's settings from the Firebase console, and the public key of its web push certificate. */
export interface FirebaseSettings {
  readonly apiKey: string;
  readonly projectId: string;
  readonly messagingSenderId: string;
  readonly appId: string;
  readonly vapidKey: string;
}

/** This browser's registration with Firebase Cloud Messaging. */
export interface Device {
  /** @throws when Firebase or the browser's push service rejects it. */
  getToken(): Promise<string>;
  forget(): Promise<unknown>;
}

/** Does not register yet. `worker` is the service worker that receives the pushes. */
export function openDevice(settings: FirebaseSettings, worker: ServiceWorkerRegistration): Device {
  const { vapidKey, ...app } = settings;
  const messaging = getMessaging(initializeApp(app, "chat"));
  return {
    getToken: () => getToken(messaging, { vapidKey, serviceWorkerRegistration: worker }),
    forget: () => deleteToken(messaging),
  };
}
