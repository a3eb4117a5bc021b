let isConnected = false;
let breaks = 0;
let resume: (() => void)[] = [];

/** Records whether the SDK is connected. */
export function noteConnection(isConnectedNow: boolean): void {
  if (isConnected && !isConnectedNow) breaks += 1;
  isConnected = isConnectedNow;
  if (isConnected) for (const go of resume.splice(0)) go();
}

/** Discards what waits for a connection: the session has ended. */
export function forgetConnection(): void {
  isConnected = false;
  resume = [];
}

/** Whether changes can be sent now. */
export const hasConnection = (): boolean => isConnected;

/**
 * Calls a read of the SDK, and again after each break of the connection: the SDK rejects what is in flight then, and
 * does not repeat it.
 */
export async function read<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const wasConnected = isConnected;
    const breaksBefore = breaks;
    try {
      return await call();
    } catch (error) {
      await stateReported();
      if (wasConnected && breaks === breaksBefore) throw error;
      if (!isConnected) await new Promise<void>((resolve) => resume.push(resolve));
    }
  }
}

/** Resolves when the SDK has reported a break: it rejects requests first, and reports the state by a timer of 0 ms. */
export const stateReported = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
