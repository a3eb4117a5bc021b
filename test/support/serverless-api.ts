import { createServer, type IncomingMessage, type Server } from "node:http";

/** The versions of the runtime handler that Twilio installs for node22 (serverless-toolkit #558 and #564). npm's latest, 2.1.0, is not among them. */
const RUNTIME_HANDLERS = /^(?:2\.1\.2|2\.0\.[0-3]|1\.3\.\d+)$/;
const LARGEST = { functions: 50, value: 450, key: 128, variables: 3_072 };
const PREFIXES: Readonly<Record<string, string>> = {
  Services: "ZS",
  Environments: "ZE",
  Functions: "ZH",
  Assets: "ZH",
  Versions: "ZN",
  Builds: "ZB",
  Deployments: "ZD",
  Variables: "ZV",
};

type Resource = Record<string, unknown> & { readonly sid: string };
interface Answer {
  readonly status: number;
  readonly body: object;
}
interface Upload {
  readonly path: string;
  readonly visibility: string;
  readonly content: string;
}

/** Emulates Twilio's Serverless API (https://www.twilio.com/docs/serverless/api), as far as deploy tools use it. */
export class ServerlessApi {
  readonly server: Server;
  readonly functions: Upload[] = [];
  readonly assets: Upload[] = [];
  /** The last requested build. */
  build = new URLSearchParams();
  /** Resources by the path of their list, oldest first. */
  readonly #lists = new Map<string, Resource[]>();
  #serial = 0;

  constructor() {
    this.server = createServer(async (request, response) => {
      const { status, body } = await this.#answer(request);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(status === 204 ? undefined : JSON.stringify(body));
    });
  }

  /** Every resource of a kind, oldest first. */
  all(kind: string): Resource[] {
    return [...this.#lists].flatMap(([path, resources]) => (path.endsWith(`/${kind}`) ? resources : []));
  }

  /** Sets a variable as the Console does. */
  setVariable(key: string, value: string): void {
    const [environment] = this.all("Environments");
    const [path] =
      [...this.#lists].find(([, resources]) => resources.includes(environment as Resource)) ?? [];
    this.#create(`${path}/${environment?.sid}/Variables`, new URLSearchParams({ Key: key, Value: value }));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const [path = ""] = (request.url ?? "").split("?");
    if (request.headers.host?.startsWith("serverless-upload")) return this.#upload(path, text);
    const segments = path.split("/").slice(2);
    const form = new URLSearchParams(text);
    if (segments.at(-1) === "Status")
      return { status: 200, body: { sid: segments.at(-2), status: "completed" } };
    if (segments.length % 2 === 0) return this.#member(request.method ?? "GET", path, form);
    if (request.method === "POST") return this.#create(path, form);
    const key = (segments.at(-1) ?? "").toLowerCase();
    return { status: 200, body: { meta: { key, next_page_url: null }, [key]: this.#lists.get(path) ?? [] } };
  }

  #member(method: string, path: string, form: URLSearchParams): Answer {
    const [list, id] = [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)];
    const members = this.#lists.get(list) ?? [];
    const found = members.find(({ sid, unique_name }) => sid === id || unique_name === id);
    if (found === undefined) return { status: 404, body: { code: 20404, message: "Not found", status: 404 } };
    if (method === "DELETE") {
      members.splice(members.indexOf(found), 1);
      return { status: 204, body: {} };
    }
    if (method === "POST") found.value = form.get("Value");
    return { status: 200, body: found };
  }

  #upload(path: string, multipart: string): Answer {
    const field = (name: string) => {
      const part = multipart.split(`name="${name}"`)[1] ?? "";
      return part.slice(part.indexOf("\r\n\r\n") + 4, part.indexOf("\r\n--")).trim();
    };
    const upload = { path: field("Path"), visibility: field("Visibility"), content: field("Content") };
    if (path.includes("/Functions/")) this.functions.push(upload);
    if (path.includes("/Assets/")) this.assets.push(upload);
    return { status: 201, body: { sid: this.#sid("Versions") } };
  }

  #create(path: string, form: URLSearchParams): Answer {
    const kind = path.slice(path.lastIndexOf("/") + 1);
    const members = this.#lists.get(path) ?? [];
    const rejection = this.#refusalOf(kind, form, members);
    if (rejection !== undefined) {
      return { status: 400, body: { code: 20001, message: rejection, more_info: "", status: 400 } };
    }
    const uniqueName = form.get("UniqueName");
    if (uniqueName !== null && members.some(({ unique_name }) => unique_name === uniqueName)) {
      return { status: 409, body: { code: 20409, message: "Service already exists", status: 409 } };
    }
    if (kind === "Builds") this.build = form;
    const suffix = form.get("DomainSuffix");
    const created = {
      sid: this.#sid(kind),
      unique_name: uniqueName,
      friendly_name: form.get("FriendlyName"),
      key: form.get("Key"),
      value: form.get("Value"),
      domain_suffix: suffix,
      domain_name: `parley-1${suffix ? `-${suffix}` : ""}.twil.io`,
      build_sid: form.get("BuildSid"),
      function_versions: form.getAll("FunctionVersions").map((sid) => ({ sid })),
      date_created: new Date(Date.UTC(2026, 0, 1) + this.#serial * 1_000).toISOString(),
    };
    if (kind === "Deployments") this.#activate(path, form.get("BuildSid"));
    this.#lists.set(path, [...members, created]);
    return { status: 201, body: created };
  }

  #activate(path: string, buildSid: string | null): void {
    const environmentSid = path.split("/").at(-2);
    const environment = this.all("Environments").find(({ sid }) => sid === environmentSid);
    if (environment !== undefined) environment.build_sid = buildSid;
  }

  #refusalOf(kind: string, form: URLSearchParams, members: readonly Resource[]): string | undefined {
    if (kind === "Builds") return refusalOfBuild(form);
    if (kind !== "Variables") return undefined;
    const [key, value] = [form.get("Key") ?? "", form.get("Value") ?? ""];
    if (!/^[A-Za-z_]\w*$/.test(key) || key.length > LARGEST.key) return "Invalid Key";
    if (Buffer.byteLength(value) > LARGEST.value) return "Value is too long";
    const set = members.map((variable) => `${variable.key}${variable.value}`).join("");
    return Buffer.byteLength(set + key + value) > LARGEST.variables ? "Too many variables" : undefined;
  }

  #sid(kind: string): string {
    this.#serial += 1;
    return `${PREFIXES[kind]}${String(this.#serial).padStart(32, "0")}`;
  }
}

function refusalOfBuild(form: URLSearchParams): string | undefined {
  const functions = form.getAll("FunctionVersions").length;
  if (functions === 0) return "A build needs functions";
  if (functions > LARGEST.functions) return `A build has ${LARGEST.functions} functions at most`;
  const quoted = form.get("Dependencies") ?? "";
  const dependencies: { name: string; version: string }[] = JSON.parse(quoted.replace(/^"|"$/g, ""));
  const handler = dependencies.find(({ name }) => name === "@twilio/runtime-handler");
  return RUNTIME_HANDLERS.test(handler?.version ?? "") ? undefined : "No matching version found";
}
