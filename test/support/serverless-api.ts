import { createServer, type IncomingMessage, type Server } from "node:http";

/** What a deploy tool has sent to Twilio's Serverless API. */
export class ServerlessApi {
  readonly server: Server;
  readonly functions: { readonly path: string; readonly visibility: string; readonly content: string }[] = [];
  readonly assets: { readonly path: string; readonly visibility: string; readonly content: string }[] = [];
  readonly variables: string[] = [];
  build = new URLSearchParams();
  isDeployed = false;
  #serial = 0;

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
    if (resource === "Builds") this.build = form;
    if (resource === "Variables") this.variables.push(form.get("Key") ?? "");
    if (resource === "Deployments") this.isDeployed = true;
    const names = {
      unique_name: form.get("UniqueName"),
      friendly_name: form.get("FriendlyName"),
      key: form.get("Key"),
    };
    const domain = { domain_name: "parley-1-dev.twil.io", domain_suffix: "dev", build_sid: null };
    return { status: 201, body: { sid: this.#sid("ZZ"), ...names, ...domain } };
  }

  #sid(prefix: string): string {
    this.#serial += 1;
    return `${prefix}${String(this.#serial).padStart(32, "0")}`;
  }
}
