/** A message in the response of a webhook. */
export interface TwimlMessage {
  readonly body: string;
  readonly media: readonly string[];
}

/**
 * Parses the messages of a TwiML response: `<Message>`, with its text inside or in `<Body>`, and `<Media>` URLs. Other
 * verbs are ignored; a response that is empty or not TwiML has no messages.
 */
export function readTwiml(answer: string): readonly TwimlMessage[] {
  const response = /<Response\b[^>]*>([\s\S]*)<\/Response>/.exec(plain(answer))?.[1] ?? "";
  const messages = elements(response, "Message").map((inside) => {
    const bodies = elements(inside, "Body");
    const media = elements(inside, "Media").map(textOf);
    return { body: bodies.length === 0 ? textOf(inside) : bodies.map(textOf).join(""), media };
  });
  return messages.filter(({ body, media }) => body !== "" || media.length > 0);
}

/** The same XML without comments, and with entities in place of CDATA sections. */
function plain(xml: string): string {
  return xml.replace(/<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>/g, (_whole, text: string | undefined = "") =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
  );
}

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}\\b[^>]*(?<!/)>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, inside = ""]) => inside,
  );
}

/** The text of an element, without those of its children. */
function textOf(xml: string): string {
  return xml
    .replace(/<(\w+)\b[^>]*>[\s\S]*?<\/\1>/g, "")
    .replace(/&(?:#(\d+)|#x([\da-f]+)|(lt|gt|amp|quot|apos));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return named.get(name) ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    })
    .trim();
}

const named: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);
