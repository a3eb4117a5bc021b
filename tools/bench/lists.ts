import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../infra/endpoints.ts";
import { buildEmulator } from "../build/emulator.ts";
import type { EmulatorInfo } from "../local/local.ts";
import { startNode } from "../local/process.ts";
import { endProgress, showProgress } from "../progress.ts";
import { table } from "../table.ts";
import { loadTimes } from "./load.ts";
import { median, shuffled } from "./median.ts";
import { Api, requests } from "./rest.ts";

const HELP = `npm run bench:lists [-- --rounds N]

Measures the time of a page of each list in an account with 100,000 conversations, in relation to one with 1,000, in shuffled
rounds. Prints medians and missed budgets.

  --rounds N   Rounds to take the median of (7)`;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, help: { type: "boolean", short: "h" } },
});
const PAGES_PER_ROUND = 200;
const BUDGET = 1.5;
/** The participants of the first conversation have these. */
const [IDENTITY, ADDRESS] = ["dana", "+15558675310"];

const CONNECTIONS = 2;

/** An emulator with many conversations. */
class Account {
  readonly info: EmulatorInfo;
  readonly stop: () => Promise<void>;
  readonly #api: Api;
  /** The second page of a list, by the list's path. */
  readonly #second = new Map<string, string>();

  constructor(info: EmulatorInfo, stop: () => Promise<void>) {
    this.info = info;
    this.stop = stop;
    this.#api = new Api(info);
  }

  static async start(conversations: number): Promise<Account> {
    const emulator = await startNode([join(root, "dist/emulator.cjs")], {
      env: {},
      isReady: (line) => line.startsWith("{"),
    });
    const account = new Account(JSON.parse(emulator.readyLine) as EmulatorInfo, emulator.stop);
    const { sid } = await account.#api.post("/v1/Conversations");
    const participants = `/v1/Conversations/${sid}/Participants`;
    await account.#api.post(participants, { Identity: IDENTITY });
    await account.#api.post(participants, {
      "MessagingBinding.Address": ADDRESS,
      "MessagingBinding.ProxyAddress": account.info.smsNumber,
    });
    const create = async (path: string, count: number, form?: string) => {
      const load = requests(account.info, "POST", path, 201, form);
      await loadTimes({ ...load, connections: CONNECTIONS, depth: 8 }, count);
    };
    await create("/v1/Conversations", conversations);
    await create(`/v1/Conversations/${sid}/Messages`, 60, "Body=Hi");
    return account;
  }

  /** Milliseconds of a page: of the first, or of the one after it. */
  async timeOf(path: string, isSecond: boolean): Promise<number> {
    const page = isSecond ? await this.#secondPage(path) : path;
    const load = { ...requests(this.info, "GET", page, 200), connections: CONNECTIONS };
    const { perSecond } = await loadTimes(load, PAGES_PER_ROUND);
    return 1000 / perSecond;
  }

  async #secondPage(path: string): Promise<string> {
    const known = this.#second.get(path);
    if (known !== undefined) return known;
    const page = (await this.#api.get(path)) as { earlier?: string; meta?: { next_page_url: string } };
    const { pathname, search } = new URL(page.earlier ?? page.meta?.next_page_url ?? "");
    this.#second.set(path, `${pathname}${search}`);
    return `${pathname}${search}`;
  }
}

/** Lists and whether the second page is read. Each has at least two pages in both accounts where it is. */
const LISTS: readonly (readonly [path: string, isSecond: boolean])[] = [
  ["/v1/Conversations?PageSize=50", false],
  ["/v1/Conversations?PageSize=50", true],
  ["/v1/Conversations?PageSize=50&StartDate=2020-01-01", false],
  ["/v1/Conversations?PageSize=50&StartDate=2020-01-01", true],
  ["/v1/Conversations?PageSize=50&State=active", true],
  ["/v1/Services?PageSize=50", false],
  ["/v1/Users?PageSize=50", false],
  [`/v1/Users/${IDENTITY}/Conversations`, false],
  [`/v1/ParticipantConversations?Identity=${IDENTITY}`, false],
  [`/v1/ParticipantConversations?Address=${encodeURIComponent(ADDRESS)}`, false],
  ["/_emulator/conversations?last=50", false],
  ["/_emulator/conversations?last=50", true],
];

async function main(): Promise<void> {
  await buildEmulator();
  showProgress("creating 101,000 conversations");
  const [small, large] = await Promise.all([Account.start(1_000), Account.start(100_000)]);
  try {
    const rounds = Math.max(3, Number(values.rounds) || 7);
    const times = new Map(LISTS.map((list) => [list, { small: [] as number[], ratios: [] as number[] }]));
    for (let round = 0; round <= rounds; round += 1) {
      for (const list of shuffled(LISTS)) {
        const [little, much] = [await small.timeOf(...list), await large.timeOf(...list)];
        const measured = times.get(list);
        // The first round warms up both.
        if (round === 0) continue;
        measured?.small.push(little);
        measured?.ratios.push(much / little);
      }
      showProgress(`round ${round} of ${rounds}`);
    }
    endProgress();
    const rows = [...times].map(([[path, isSecond], measured]) => {
      const ratio = median(measured.ratios);
      const name = `${path}${isSecond ? ", second page" : ""}`;
      return [name, median(measured.small).toFixed(2), ratio.toFixed(2), ratio <= BUDGET ? "kept" : "MISSED"];
    });
    console.log(table(["100,000 conversations, relative to 1,000", "ms", "times", `budget ${BUDGET}`], rows));
  } finally {
    await Promise.all([small.stop(), large.stop()]);
  }
}

if (values.help) console.log(HELP);
else await main();
