import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { root } from "../../infra/endpoints.ts";
import { buildAssets } from "../build/assets.ts";
import { buildEmulator } from "../build/emulator.ts";
import type { EmulatorInfo } from "../local/local.ts";
import { startNode } from "../local/process.ts";
import { table } from "../table.ts";
import { median, shuffled } from "./median.ts";
import { Api } from "./rest.ts";
import { accessToken } from "./sdk-client.ts";

const HELP = `npm run bench:chat [-- --demo FOLDER] [--rounds N]

Measures the chat page in Chromium with an empty cache: bytes, the first contentful paint, and the time until the newest
message of the user's conversation is visible. With --demo the same for Twilio's React demo
(github.com/twilio/twilio-conversations-demo-react), in shuffled rounds: FOLDER is its build folder, built with
REACT_APP_ACCESS_TOKEN_SERVICE_URL=/token-service.

  --demo FOLDER  The demo's build
  --rounds N     Rounds to take the median of (15)`;

const { values } = parseArgs({
  options: { demo: { type: "string" }, rounds: { type: "string", default: "15" }, help: { type: "boolean" } },
});

const IDENTITY = "dana";
const NEWEST = "The newest message";
const SEEN = "seen after ";
const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html"],
  [".js", "text/javascript"],
  [".css", "text/css"],
  [".svg", "image/svg+xml"],
  [".json", "application/json"],
]);

interface Site {
  readonly name: string;
  readonly url: string;
}

interface Times {
  readonly bytes: number;
  readonly paint: number;
  readonly message: number;
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (values.demo !== undefined && !existsSync(join(values.demo, "index.html"))) {
    console.error(`--demo: ${values.demo} has no index.html. It must be the demo's build folder.`);
    process.exitCode = 2;
    return;
  }
  await Promise.all([buildEmulator(), buildAssets()]);
  const emulator = await startNode([join(root, "dist/emulator.cjs"), "--proxy"], {
    env: {},
    isReady: (line) => line.startsWith("{"),
  });
  const info = JSON.parse(emulator.readyLine) as EmulatorInfo;
  await createMessages(new Api(info));
  const servers = [serve(info, join(root, "dist/twilio/assets/chat"))];
  if (values.demo !== undefined) servers.push(serve(info, values.demo));
  const [page, demo] = await Promise.all(servers);
  const sites: Site[] = [];
  if (page !== undefined) sites.push({ name: "chat page", url: `${page.url}/index.html#bearer=any` });
  if (demo !== undefined) sites.push({ name: "React demo", url: `${demo.url}/index.html` });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
  });
  try {
    await compare(browser, info, sites);
  } finally {
    await browser.close();
    page?.close();
    demo?.close();
    await emulator.stop();
  }
}

async function createMessages(api: Api): Promise<void> {
  const { sid } = await api.post("/v1/Conversations", { FriendlyName: "Order 7" });
  await api.post(`/v1/Conversations/${sid}/Participants`, { Identity: IDENTITY });
  await api.fill(sid, 99);
  await api.post(`/v1/Conversations/${sid}/Messages`, { Author: "eli", Body: NEWEST });
}

/** Serves a folder, and access tokens where the pages request them. */
async function serve(info: EmulatorInfo, folder: string) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const token = accessToken(info, IDENTITY);
    if (pathname.endsWith("/token-service")) response.end(token);
    else if (pathname.endsWith("/token"))
      response.setHeader("Content-Type", "application/json").end(JSON.stringify({ token }));
    else sendFile(join(folder, normalize(pathname)));
    function sendFile(file: string): void {
      const isFile = statSync(file, { throwIfNoEntry: false })?.isFile();
      if (!isFile) response.writeHead(404).end();
      else {
        response.setHeader("Content-Type", TYPES.get(extname(file)) ?? "application/octet-stream");
        createReadStream(file).pipe(response);
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

async function compare(browser: Browser, info: EmulatorInfo, sites: readonly Site[]): Promise<void> {
  const all = new Map(sites.map((site) => [site, [] as Times[]]));
  // The first round warms up the processes.
  for (let round = 0; round <= Number(values.rounds); round += 1)
    for (const site of shuffled(sites)) {
      const times = await visit(browser, info, site.url);
      if (round > 0) all.get(site)?.push(times);
    }
  const rows = [...all].map(([{ name }, times]) => [
    name,
    `${Math.round(median(times.map(({ bytes }) => bytes)) / 1000)} kB`,
    `${Math.round(median(times.map(({ paint }) => paint)))} ms`,
    `${Math.round(median(times.map(({ message }) => message)))} ms`,
  ]);
  console.log(table(["", "bytes", "first paint", "first message"], rows));
}

/** Opens a site in a new profile, as an unchanged application: the SDK finds the emulator by the browser's proxy. */
async function visit(browser: Browser, info: EmulatorInfo, url: string): Promise<Times> {
  const proxy = { server: info.url, bypass: "127.0.0.1" };
  const context = await browser.newContext({ proxy, ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    const seen = page.waitForEvent("console", (message) => message.text().startsWith(SEEN));
    await page.addInitScript(
      `localStorage.setItem("username", "${IDENTITY}"); localStorage.setItem("password", "any");
       (function look() {
         if (document.body?.textContent.includes("${NEWEST}")) console.info("${SEEN}" + performance.now());
         else requestAnimationFrame(look);
       })();`,
    );
    const [message] = await Promise.all([seen, page.goto(url)]);
    return { message: Number(message.text().slice(SEEN.length)), ...(await read(page)) };
  } finally {
    await context.close();
  }
}

/** The bytes of scripts and styles, uncompressed, and the time of the first contentful paint. */
function read(page: Page): Promise<Omit<Times, "message">> {
  return page.evaluate<Omit<Times, "message">>(`new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const [paint] = list.getEntriesByName("first-contentful-paint");
      if (paint === undefined) return;
      const resources = performance.getEntriesByType("resource");
      const bytes = resources.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
      resolve({ bytes, paint: paint.startTime });
    }).observe({ type: "paint", buffered: true });
  })`);
}

await main();
