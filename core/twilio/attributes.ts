import { InvalidInput } from "../errors.ts";
import { repeatWhileUncertain } from "./once.ts";

/** Twilio's limit for the attributes of a conversation or user, in bytes (docs: Conversations limits). */
const LARGEST_BYTES = 16 * 1024;

/**
 * Reads the attributes of a conversation, message or participant. They are JSON text, and other programs may write any JSON:
 * anything but an object counts as an empty one.
 */
export function parseAttributes(attributes: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(attributes === "" ? "{}" : attributes);
  return isObject(parsed) ? { ...parsed } : {};
}

/** Whether {@link parseAttributes} can read the text. */
export function areAttributes(text: string): boolean {
  try {
    return parseAttributes(text) !== undefined;
  } catch {
    return false;
  }
}

/** Attributes to merge into the existing ones: a JSON Merge Patch (RFC 7396), in which `null` removes a key. */
export type AttributesPatch = Readonly<Record<string, unknown>>;

/**
 * The attributes with the patch merged into them.
 *
 * @returns `undefined` if the merge changes nothing.
 * @throws {InvalidInput} `attributes_too_large`
 */
export function mergedAttributes(attributes: string, patch: AttributesPatch): string | undefined {
  // Before the merge, which would overflow the stack on deeply nested values.
  checkSize(JSON.stringify(patch));
  const present = parseAttributes(attributes);
  const merged = JSON.stringify(mergePatch(present, patch));
  if (merged === JSON.stringify(present)) return undefined;
  checkSize(merged);
  return merged;
}

/**
 * Merges a patch into the attributes of a resource, reads them again, and merges again if another program has overwritten
 * them meanwhile: Twilio has no conditional update. Call it within `inTurn`, so that two calls of this deployment do not
 * overwrite each other.
 *
 * @returns whether anything was written.
 */
export async function mergeAttributes(
  patch: AttributesPatch,
  resource: {
    fetch(): Promise<{ readonly attributes: string }>;
    update(changes: { readonly attributes: string }): Promise<unknown>;
  },
): Promise<boolean> {
  const merge = async () => {
    const attributes = mergedAttributes((await resource.fetch()).attributes, patch);
    if (attributes === undefined) return false;
    await repeatWhileUncertain(() => resource.update({ attributes }));
    return true;
  };
  const isWritten = await merge();
  if (isWritten) await merge();
  return isWritten;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  // Object.fromEntries defines properties, so that __proto__ is a key like any other.
  return Object.fromEntries(merged);
}

function checkSize(attributes: string): void {
  const size = Buffer.byteLength(attributes);
  if (size <= LARGEST_BYTES) return;
  const message = `attributes would have ${size} bytes; Twilio takes ${LARGEST_BYTES} with those that are there.`;
  throw new InvalidInput(message, { code: "attributes_too_large", field: "attributes" });
}
