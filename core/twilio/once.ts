import { isLostAnswer } from "./errors.ts";

/**
 * Creates something at Twilio exactly once, although answers get lost.
 *
 * A create whose answer was lost may have taken effect. Sending it again would make a second message or
 * conversation, so it is looked up first, and created again only when it is not there.
 *
 * @param find Looks for what `create` makes: by unique name, by binding, by a marker in its attributes.
 */
export async function createOnce<Thing>(
  create: () => Promise<Thing>,
  find: () => Promise<Thing | undefined>,
): Promise<Thing> {
  try {
    return await create();
  } catch (error) {
    if (!isLostAnswer(error)) throw error;
    return (await find()) ?? (await create());
  }
}
