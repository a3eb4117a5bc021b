import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { extname, join } from "node:path";
import type { HttpResponse } from "../http/response.ts";

/** The page's files by name, scripts without types, set by the bundler (tools/build/emulator.ts). */
declare const EMBEDDED_PAGE: Readonly<Record<string, string>> | undefined;

const contentTypes: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".ts", "text/javascript; charset=utf-8"],
]);

/** The page loads nothing from other hosts, and displayed text cannot become script, style or form. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "Content-Security-Policy": policy,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
};

/** A file of the console's page ("index.html", "main.ts"), or undefined. */
export function pageFile(name: string): HttpResponse | undefined {
  const type = contentTypes.get(extname(name));
  const text = type === undefined ? undefined : readPage(name);
  if (type === undefined || text === undefined) return undefined;
  return { status: 200, headers: { ...headers, "Content-Type": type }, body: Buffer.from(text) };
}

/** From the bundle, or from the sources, read each time so that a reload shows changes. */
function readPage(name: string): string | undefined {
  if (typeof EMBEDDED_PAGE !== "undefined") return new Map(Object.entries(EMBEDDED_PAGE)).get(name);
  const folder = join(import.meta.dirname, "page");
  if (!readdirSync(folder).includes(name)) return undefined;
  const text = readFileSync(join(folder, name), "utf8");
  return name.endsWith(".ts") ? stripTypes(text) : text;
}

/** Suppresses Node's warning that type stripping is experimental: users of the console cannot act on it. */
function stripTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
