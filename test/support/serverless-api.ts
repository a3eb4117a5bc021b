import { createServer, type IncomingMessage, type Server } from "node:http";

/** The versions of the runtime handler that Twilio installs for node22 (serverless-toolkit #558 and #564). npm's latest, 2.1.0, is not among them. */
const RUNTIME_HANDLERS = /^(?:2\.1\.2|2\.0\.[0-3]|1\.3\.\d+)$/;
const LARGEST = { functions: 50, value: 450, key: 128, variables: 3_072 };

/** What a deploy tool has sent to Twilio's Serverless API. */
export class ServerlessApi {
  readonly server: Server;
  readonly functions: { readonly path: string; readonly visibility: string; readonly content: string }[] = [];
  readonly assets: { readonly path: string; readonly visibility: string; readonly content: string }[] = [];
  readonly variables: string[] = [];
  build = new URLSearchParams();
  isDeployed = false;
  #serial = 0;
  #variableBytes = 0;

  constructor() {
    this.server = createServer(async (request, response) => {
      const { status, body } = await this.#answer(request);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  }

  /** As much of the API as a first deploy asks for (https://www.twilio.com/docs/serverless/api). */
  async #answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const [path = ""] = (request.url ?? "").split("?");
    const resource = path.split("/").at(-1) ?? "";
    if (request.headers.host?.startsWith("serverless-upload")) return this.#upload(path, text);
    if (resource === "Status") return { status: 200, body: { sid: this.#sid("ZB"), status: "completed" } };
    if (request.method === "GET") {
      const key = resource.toLowerCase();
      return { status: 200, body: { meta: { key, next_page_url: null }, [key]: [] } };
    }
    return this.#create(resource, new URLSearchParams(text));
  }

  #upload(path: string, multipart: string): { status: number; body: object } {
    const field = (name: string) => {
      const part = multipart.split(`name="${name}"`)[1] ?? "";
      return part.slice(part.indexOf("\r\n\r\n") + 4, part.indexOf("\r\n--")).trim();
    };
    const upload = { path: field("Path"), visibility: field("Visibility"), content: field("Content") };
    if (path.includes("/Functions/")) this.functions.push(upload);
    if (path.includes("/Assets/")) this.assets.push(upload);
    return { status: 201, body: { sid: this.#sid("ZN") } };
  }

  #create(resource: string, form: URLSearchParams): { status: number; body: object } {
    const refusal = this.#refusalOf(resource, form);
    if (refusal !== undefined) {
      return { status: 400, body: { code: 20001, message: refusal, more_info: "", status: 400 } };
    }
    if (resource === "Builds") this.build = form;
    if (resource === "Variables") {
      this.variables.push(form.get("Key") ?? "");
      this.#variableBytes += Buffer.byteLength(`${form.get("Key")}${form.get("Value")}`);
    }
    if (resource === "Deployments") this.isDeployed = true;
    const names = {
      unique_name: form.get("UniqueName"),
      friendly_name: form.get("FriendlyName"),
      key: form.get("Key"),
    };
    const domain = { domain_name: "parley-1-dev.twil.io", domain_suffix: "dev", build_sid: null };
    return { status: 201, body: { sid: this.#sid("ZZ"), ...names, ...domain } };
  }

  #refusalOf(resource: string, form: URLSearchParams): string | undefined {
    if (resource === "Builds") return refusalOfBuild(form);
    if (resource !== "Variables") return undefined;
    const [key, value] = [form.get("Key") ?? "", form.get("Value") ?? ""];
    if (!/^[A-Za-z_]\w*$/.test(key) || key.length > LARGEST.key) return "Invalid Key";
    if (Buffer.byteLength(value) > LARGEST.value) return "Value is too long";
    const all = this.#variableBytes + Buffer.byteLength(key + value);
    return all > LARGEST.variables ? "Too many variables" : undefined;
  }

  #sid(prefix: string): string {
    this.#serial += 1;
    return `${prefix}${String(this.#serial).padStart(32, "0")}`;
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
