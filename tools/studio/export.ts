import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { isEncryptedOrLocal } from "../../infra/account/base-url.ts";
import { UserError } from "../../infra/account/user-error.ts";
import { root } from "../../infra/endpoints.ts";
import { type Deployment, pointFlowAt, SUBFLOW } from "../../infra/studio/flow.ts";
import { readFlows } from "../../infra/studio/read.ts";
import { makeFolder } from "../folder.ts";

const HELP = `npm run studio -- --base-url URL [options]
npm run studio -- check FILE…           validates and lints your own flows
npm run studio -- run FILE [options]    runs one locally, as a chat
npm run studio -- draw FILE… --out DIR  draws flows as SVG

Writes the Studio flows of infra/studio for your deployment, ready to be imported: Studio, Create new Flow, Import from JSON.

  --base-url URL          Base URL of the endpoints: https://parley-1234-dev.twil.io, or the SAM stack's BaseUrl.
                          At *.twil.io the flows use Run Function, elsewhere Make HTTP Request
  --service-sid ZS…       With --environment-sid ZE…: the Functions service, which Studio's editor then shows
  --subflow-sid FW…       The SID of the imported flow whatsapp-opt-in, which courier-chat runs as a subflow
  --out DIR               Output folder (dist/studio)
  --help                  This text`;

type Options = {
  readonly [name in "base-url" | "service-sid" | "environment-sid" | "subflow-sid" | "out"]?: string;
};

/** Writes the flows for a deployment. */
export function exportFlows(args: readonly string[]): void {
  const options = readOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return;
  }
  const deployment = deploymentOf(options);
  const subflow = sidOf("subflow-sid", "FW", options["subflow-sid"]);
  const folder = resolve(options.out ?? join(root, "dist/studio"));
  makeFolder(folder, "--out");
  for (const [file, flow] of readFlows()) {
    const path = join(folder, file);
    const text = `${JSON.stringify(pointFlowAt(flow, deployment), null, 2)}\n`;
    writeFileSync(path, text.replaceAll(SUBFLOW, subflow ?? SUBFLOW));
    const lacks = subflow === undefined && text.includes(SUBFLOW) ? "   (needs --subflow-sid)" : "";
    console.log(`${relative(process.cwd(), path)}   ${flow.description}${lacks}`);
  }
}

function readOptions(args: readonly string[]): Options | undefined {
  const text = { type: "string" } as const;
  const options = {
    "base-url": text,
    "service-sid": text,
    "environment-sid": text,
    "subflow-sid": text,
    out: text,
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    const { help, ...values } = parseArgs({ args: [...args], options }).values;
    return help ? undefined : values;
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

function deploymentOf(options: Options): Deployment {
  const url = baseUrlOf(options["base-url"]);
  const baseUrl = url.href.replace(/\/+$/, "");
  const serviceSid = sidOf("service-sid", "ZS", options["service-sid"]);
  const environmentSid = sidOf("environment-sid", "ZE", options["environment-sid"]);
  if ((serviceSid === undefined) !== (environmentSid === undefined)) {
    throw new UserError("--service-sid and --environment-sid must be passed together.");
  }
  if (!url.hostname.endsWith(".twil.io")) {
    if (serviceSid !== undefined) throw new UserError("--service-sid is for functions at *.twil.io.");
    return { widget: "make-http-request", baseUrl };
  }
  const service =
    serviceSid === undefined || environmentSid === undefined ? undefined : { serviceSid, environmentSid };
  return omitUndefined({ widget: "run-function", baseUrl, service });
}

function baseUrlOf(text: string | undefined): URL {
  if (text === undefined) throw new UserError(`--base-url is missing.\n\n${HELP}`);
  if (!URL.canParse(text)) throw new UserError(`--base-url must be a URL, and not ${text}.`);
  const url = new URL(text);
  if (!isEncryptedOrLocal(url)) {
    throw new UserError("--base-url must begin with https://, so that the flow's requests are encrypted.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new UserError("--base-url must be a URL without credentials, query or fragment.");
  }
  return url;
}

function sidOf(option: string, prefix: string, sid: string | undefined): string | undefined {
  if (sid !== undefined && !new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(sid)) {
    throw new UserError(`--${option} must be ${prefix} and 32 hexadecimal digits.`);
  }
  return sid;
}
