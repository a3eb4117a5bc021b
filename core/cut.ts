/** Text of somebody else's in an error or a log line, cut where it is too long. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text;
}
