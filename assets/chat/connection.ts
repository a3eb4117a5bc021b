let isConnected = false;
let breaks = 0;
let resume: (() => void)[] = [];
let session = 0;

/** Records whether the SDK is connected. */
export function noteConnection(isConnectedNow: boolean): void {
  if (isConnected && !isConnectedNow) breaks += 1;
  isConnected = isConnectedNow;
  if (isConnected) for (const go of resume.splice(0)) go();
}

/** Discards what waits for a connection or an answer: the session has ended. */
export function forgetConnection(): void {
  session += 1;
  isConnected = false;
  resume = [];
}

/** @returns whether the session of this moment still lasts when it is called. */
export function thisSession(): () => boolean {
  const own = session;
  return () => own === session;
}

/** Whether changes can be sent now. */
export const hasConnection = (): boolean => isConnected;

/**
 * Calls a read of the SDK, and again after each break of the connection: the SDK rejects what is in flight then, and
 * does not repeat it. Never settles when the session ends first: nothing of it may change the page of the next one. The
 * SDK rejects some requests only 30 seconds after that.
 */
export async function read<Result>(call: () => Promise<Result>): Promise<Result> {
  const isCurrent = thisSession();
  while (isCurrent()) {
    const wasConnected = isConnected;
    const breaksBefore = breaks;
    try {
      const result = await call();
      if (isCurrent()) return result;
    } catch (error) {
      await stateReported();
      if (!isCurrent()) break;
      if (wasConnected && breaks === breaksBefore) throw error;
      if (!isConnected) await new Promise<void>((resolve) => resume.push(resolve));
    }
  }
  return new Promise(() => undefined);
}

/** Resolves when the SDK has reported a break: it rejects requests first, and reports the state by a timer of 0 ms. */
export const stateReported = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
