/** A file of a multipart form. */
export interface FilePart {
  readonly contentType: string;
  readonly filename: string | null;
  readonly bytes: Buffer;
}

interface Part {
  readonly headers: string;
  readonly bytes: Buffer;
}

/**
 * The first file of a `multipart/form-data` body, or undefined. `contentType` is the request's,
 * with the boundary.
 */
export function readFilePart(contentType: string, body: Buffer): FilePart | undefined {
  for (const { headers, bytes } of partsOf(contentType, body)) {
    const type = /^content-type:\s*(.{1,256})$/im.exec(headers)?.[1]?.trim();
    const filename = /;\s*filename="([^"]{0,256})"/i.exec(headers)?.[1];
    if (type === undefined && filename === undefined) continue;
    return { contentType: type ?? "application/octet-stream", filename: filename || null, bytes };
  }
  return undefined;
}

/** The fields of a `multipart/form-data` body, in order, names and values as text (RFC 7578). Files are omitted. */
export function readFields(contentType: string, body: Buffer): [name: string, value: string][] {
  const fields: [string, string][] = [];
  for (const { headers, bytes } of partsOf(contentType, body)) {
    const name = /^content-disposition:.*?;\s*name=(?:"([^"\r\n]*)"|([^;\s]+))/im.exec(headers);
    if (name === null || /;\s*filename\*?=/i.test(headers)) continue;
    fields.push([unescapeName(name[1] ?? name[2] ?? ""), bytes.toString("utf8")]);
  }
  return fields;
}

/** The parts between the delimiters: line break, headers, empty line, content, line break. */
function* partsOf(contentType: string, body: Buffer): Generator<Part> {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) return;
  const first = body.indexOf(`--${boundary}`);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter is two bytes shorter, since its line break is optional.
  for (let from = first + delimiter.length - 2; first !== -1; ) {
    const end = nextDelimiter(body, delimiter, from);
    if (end === -1) return;
    const part = body.subarray(from, end);
    const headersEnd = part.indexOf("\r\n\r\n");
    if (headersEnd !== -1)
      yield { headers: part.subarray(0, headersEnd).toString("utf8"), bytes: part.subarray(headersEnd + 4) };
    from = end + delimiter.length;
  }
}

/** A delimiter ends with its line, or with two hyphens: more text would make it another one. */
function nextDelimiter(body: Buffer, delimiter: Buffer, from: number): number {
  let at = body.indexOf(delimiter, from);
  while (
    at !== -1 &&
    !/^(--|[ \t]*\r\n)/.test(body.toString("latin1", at + delimiter.length, at + delimiter.length + 80))
  )
    at = body.indexOf(delimiter, at + 1);
  return at;
}

/** Browsers and libraries write a quotation mark or line break of a name so. */
function unescapeName(name: string): string {
  return name.replaceAll("%22", '"').replaceAll("%0D", "\r").replaceAll("%0A", "\n");
}
