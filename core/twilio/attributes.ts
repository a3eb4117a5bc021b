/**
 * Reads the attributes of a conversation, message or participant. They are JSON text, and other programs may put any JSON
 * there: what is no object counts as an empty one.
 */
export function parseAttributes(attributes: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(attributes === "" ? "{}" : attributes);
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : {};
}

/** Whether it is a text that {@link parseAttributes} reads. */
export function areAttributes(text: string): boolean {
  try {
    return parseAttributes(text) !== undefined;
  } catch {
    return false;
  }
}
