/** A file of a multipart form. */
export interface FilePart {
  readonly contentType: string;
  readonly filename: string | null;
  readonly bytes: Buffer;
}

/**
 * The first file of a `multipart/form-data` body, or undefined when there is none. `contentType` is the request's,
 * with the boundary.
 */
export function readFilePart(contentType: string, body: Buffer): FilePart | undefined {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  for (let start = body.indexOf(delimiter); start !== -1; ) {
    const from = start + delimiter.length;
    const end = body.indexOf(delimiter, from);
    if (end === -1) return undefined;
    const part = readPart(body.subarray(from, end));
    if (part !== undefined) return part;
    start = end;
  }
  return undefined;
}

/** A part between two delimiters: line break, headers, empty line, content, line break. Fields are no files. */
function readPart(part: Buffer): FilePart | undefined {
  const headersEnd = part.indexOf("\r\n\r\n");
  if (headersEnd === -1) return undefined;
  const headers = part.subarray(0, headersEnd).toString("utf8");
  const contentType = /^content-type:\s*(.{1,256})$/im.exec(headers)?.[1]?.trim();
  const filename = /;\s*filename="([^"]{0,256})"/i.exec(headers)?.[1];
  if (contentType === undefined && filename === undefined) return undefined;
  return {
    contentType: contentType ?? "application/octet-stream",
    filename: filename || null,
    bytes: part.subarray(headersEnd + 4, part.length - 2),
  };
}
