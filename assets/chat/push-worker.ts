/*
 * The service worker of the chat page: it receives the pushes of Firebase Cloud Messaging, passes them to visible pages, and
 * shows a notification if no page is visible.
 */

interface Page {
  readonly visibilityState: string;
  postMessage(message: unknown): void;
  focus(): Promise<unknown>;
}

interface WorkerEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface PushEvent extends WorkerEvent {
  readonly data: { json(): unknown } | null;
}

interface ClickEvent extends WorkerEvent {
  readonly notification: Notification;
}

/** The part of a service worker that is used here: TypeScript cannot load its types together with those of pages. */
interface PushWorker {
  readonly clients: {
    matchAll(options: typeof allPages): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: ServiceWorkerRegistration;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
}

/** Includes pages that the worker does not control yet because they were loaded before it. */
const allPages = { type: "window", includeUncontrolled: true } as const;

const worker = globalThis as unknown as PushWorker;

worker.addEventListener("push", (event) => {
  if (event.data !== null) event.waitUntil(receive(event.data.json()));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.tag));
});

async function receive(payload: unknown): Promise<void> {
  const pages = await worker.clients.matchAll(allPages);
  const inView = pages.filter(({ visibilityState }) => visibilityState === "visible");
  for (const page of inView) page.postMessage(payload);
  if (inView.length > 0) return;
  const data = new Map(Object.entries(Object(Object(payload).data)));
  const text = (name: string) => String(data.get(name) ?? "");
  const options = { body: text("twi_body"), tag: text("conversation_sid"), icon: "icon.svg" };
  await worker.registration.showNotification(text("conversation_title"), options);
}

/** Focuses an open page, or opens one with the conversation. */
async function openPage(conversationSid: string): Promise<void> {
  const [page] = await worker.clients.matchAll(allPages);
  if (page !== undefined) await page.focus();
  else await worker.clients.openWindow(`index.html#conversation=${conversationSid}`);
}
