/* A module of its own, so that Firebase becomes a file of its own, which is loaded where it is configured alone. */
import { initializeApp } from "@firebase/app";
import { deleteToken, getMessaging, getToken } from "@firebase/messaging";

/** The settings of a web app, as Firebase's console has them, and the public key of its web push certificate. */
export interface FirebaseSettings {
  readonly apiKey: string;
  readonly projectId: string;
  readonly messagingSenderId: string;
  readonly appId: string;
  readonly vapidKey: string;
}

/** How this browser is reached by Firebase Cloud Messaging. */
export interface Device {
  /** @throws when Firebase or the browser's push service refuses. */
  getToken(): Promise<string>;
  forget(): Promise<unknown>;
}

/** Registers nothing yet. `worker` is the service worker that gets the pushes. */
export function openDevice(settings: FirebaseSettings, worker: ServiceWorkerRegistration): Device {
  const { vapidKey, ...app } = settings;
  const messaging = getMessaging(initializeApp(app, "chat"));
  return {
    getToken: () => getToken(messaging, { vapidKey, serviceWorkerRegistration: worker }),
    forget: () => deleteToken(messaging),
  };
}
