import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { root } from "../../infra/endpoints.ts";
import { type Flow, SUBFLOW } from "../../infra/studio/flow.ts";
import { readFlows } from "../../infra/studio/read.ts";
import { firstSentence } from "../../infra/summary.ts";
import type { Description } from "../reference/description.ts";
import type { openApi } from "../reference/openapi.ts";

const folder = join(root, "assets/index");

/**
 * The index page as one file, which a function can serve. Its policy allows its own style and script only, by their hashes. Made
 * from the definitions, so that it contains nothing of a deployment.
 */
export async function indexPage(
  all: readonly Description[],
  { info }: ReturnType<typeof openApi>,
): Promise<string> {
  const style = await styleOf("style.css");
  const script = await scriptOf("main.ts");
  const flows = [...readFlows()];
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  // The end of a script element would end this one.
  const data = JSON.stringify(Object.fromEntries(flows)).replaceAll("<", "\\u003c");
  const parts: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">`,
    style: `<style>${style}</style>`,
    scripts: `<script id="data" type="application/json">${data}</script>\n<script>${script}</script>`,
    version: info.version,
    runtime: `Node ${process.versions.node.split(".")[0]}`,
    count: String(all.length),
    flows: flows.map(([file, flow]) => flowItem(file, flow)).join(""),
    endpoints: [...groupsOf(all)].map(([group, members]) => groupSection(group, members)).join(""),
  };
  const page = readFileSync(join(folder, "page.html"), "utf8");
  return page.replace(/<!-- (\w+) -->/g, (_, name: string) => parts[name] ?? "");
}

async function styleOf(file: string): Promise<string> {
  const text = readFileSync(join(folder, file), "utf8");
  return (await transform(text, { loader: "css", minify: true })).code.trim();
}

async function scriptOf(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, file)],
    ...{ bundle: true, minify: true, write: false, platform: "browser", target: "es2022", format: "iife" },
  });
  return (outputFiles[0]?.text ?? "").trim();
}

const hashOf = (text: string): string =>
  `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;

function flowItem(file: string, flow: Flow): string {
  const needsSubflow = JSON.stringify(flow).includes(SUBFLOW);
  const note = needsSubflow ? `. Replace ${SUBFLOW} by the SID of the imported whatsapp-opt-in` : "";
  return `<li data-flow="${file}"><div><code>${file}</code><p>${escaped(flow.description + note)}</p></div></li>`;
}

function groupsOf(all: readonly Description[]): Map<string, Description[]> {
  const groups = new Map<string, Description[]>();
  for (const one of all) {
    const [first = "", second] = one.endpoint.name.split("/");
    const group = second === undefined ? "tokens" : first;
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return groups;
}

function groupSection(group: string, members: readonly Description[]): string {
  const items = members.map(({ endpoint: { name }, handler, lead }) => {
    const [method] = handler.methods;
    const text = escaped(firstSentence(lead));
    return `<li><code>${method} /${name}</code><p>${text.replace(/`([^`]+)`/g, "<code>$1</code>")}</p></li>`;
  });
  return `<h3>${group}</h3><ul class="endpoints">${items.join("")}</ul>`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
