import { isUncertain } from "./errors.ts";

/**
 * Creates something at Twilio exactly once, although answers get lost.
 *
 * A create whose answer was lost, or was a 5xx, may have taken effect. Sending it again would make a second message
 * or conversation, so it is looked up first, and created once more only when it is not there.
 *
 * @param find Looks for what `create` makes: by unique name, by binding, by a marker in its attributes.
 */
export async function createOnce<Thing>(
  create: () => Promise<Thing>,
  find: () => Promise<Thing | undefined>,
): Promise<Thing> {
  const createOrFind = async () => {
    try {
      return await create();
    } catch (error) {
      if (!isUncertain(error)) throw error;
      const found = await find();
      if (found === undefined) throw error;
      return found;
    }
  };
  return repeatWhileUncertain(createOrFind, 2);
}

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 60;

/**
 * Repeats what may be done twice without harm, such as setting a state, while its outcome is unknown: after a pause
 * with jitter that grows, since what fails rarely recovers within the same millisecond.
 */
export async function repeatWhileUncertain<Result>(
  act: () => Promise<Result>,
  attempts = ATTEMPTS,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!isUncertain(error) || attempt >= attempts) throw error;
    }
    const delay = FIRST_DELAY_MS * 4 ** (attempt - 1) * (0.5 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}
