import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../../infra/endpoints.ts";

const require = createRequire(import.meta.url);

/** Licenses that ask for no more than their text and the copyright notices. */
const ACCEPTED: readonly string[] = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

/** Files that are generated from a package's data, with the license of that data. */
const GENERATED: ReadonlyMap<string, { readonly from: string; readonly license: string }> = new Map([
  ["handlers/webhooks/moderation/confusables.ts", { from: "unhomoglyph", license: "Unicode-3.0" }],
]);

const PACKAGE = /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const LICENSE_FILE = /^(licen[cs]e|copying|notice)\b/i;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

/**
 * The notices of third parties whose code is in bundles: for each package its name, version and license, and the texts that it
 * ships, or the license's own text where it ships none. The same modules give the same text.
 *
 * @param modules Paths of modules relative to the root, as esbuild reports them.
 * @throws for a package whose license is not known to be accepted.
 */
export function noticesOf(modules: Iterable<string>): string {
  const sections = new Map<string, string>();
  for (const module of modules) {
    const generated = GENERATED.get(module);
    const folder = generated === undefined ? PACKAGE.exec(module)?.[0] : `node_modules/${generated.from}`;
    if (folder !== undefined && !sections.has(folder))
      sections.set(folder, sectionOf(folder, generated?.license));
  }
  const sorted = [...new Set(sections.values())].sort();
  return [`The bundles contain code of these packages.\n`, ...sorted].join(`\n${"=".repeat(80)}\n\n`);
}

function sectionOf(folder: string, dataLicense: string | undefined): string {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  const { name, version, license = "" } = manifest;
  if (!ACCEPTED.includes(license)) {
    throw new Error(
      `${name} ${version} has the license "${license}". Review it, see tools/build/notices.ts.`,
    );
  }
  const files = readdirSync(join(root, folder))
    .filter((file) => LICENSE_FILE.test(file))
    .sort();
  const shipped = files.map((file) => readFileSync(join(root, folder, file), "utf8"));
  const texts = shipped.length > 0 ? shipped : [`Copyright (c) ${authorOf(manifest)}\n\n${textOf(license)}`];
  if (dataLicense !== undefined) texts.push(textOf(dataLicense));
  const licenses = dataLicense === undefined ? license : `${license} AND ${dataLicense}`;
  return `${name} ${version} (${licenses})\n\n${texts.map((text) => text.replace(/\r\n/g, "\n").trim()).join("\n\n")}\n`;
}

const authorOf = ({ author, name }: Manifest): string =>
  (typeof author === "string" ? author : author?.name) ?? `the authors of ${name}`;

/** The text of a license by its SPDX identifier, without its example of a copyright notice. */
function textOf(license: string): string {
  const { licenseText } = require(`spdx-license-list/licenses/${license}.json`) as {
    readonly licenseText: string;
  };
  return licenseText.replace(/^Copyright \(c\) <year>.*\n+/m, "");
}
