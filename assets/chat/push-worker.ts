/*
 * The service worker of the chat page: it gets the pushes of Firebase Cloud Messaging, hands them to pages in view and
 * shows a notification where there is none.
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

/** The part of a service worker that is used here: TypeScript has its types only instead of those of pages. */
interface PushWorker {
  readonly clients: {
    matchAll(options: typeof allPages): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: ServiceWorkerRegistration;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
}

/** A page is not controlled by the worker before it is loaded again. */
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

/** Goes to a page that is open, or opens one at the conversation. */
async function openPage(conversationSid: string): Promise<void> {
  const [page] = await worker.clients.matchAll(allPages);
  if (page !== undefined) await page.focus();
  else await worker.clients.openWindow(`index.html#conversation=${conversationSid}`);
}
