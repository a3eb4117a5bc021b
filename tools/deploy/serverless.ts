import type { Resource, TwilioApi } from "../../infra/account/api.ts";
import { UserError } from "../../infra/account/user-error.ts";

const PRODUCT = "serverless";

/** A variable of an environment, without its value. */
export interface CloudVariable {
  readonly sid: string;
  readonly key: string;
}

/** One environment of a deployed service, by Twilio's Serverless API: https://www.twilio.com/docs/serverless/api */
export class CloudEnvironment {
  readonly domain: string;
  readonly buildSid: string | undefined;
  readonly #api: TwilioApi;
  readonly #servicePath: string;
  readonly #path: string;

  private constructor(api: TwilioApi, servicePath: string, environment: Resource) {
    this.#api = api;
    this.#servicePath = servicePath;
    this.#path = `${servicePath}/Environments/${environment.sid}`;
    this.domain = String(environment.domain_name);
    this.buildSid = typeof environment.build_sid === "string" ? environment.build_sid : undefined;
  }

  /** @param suffix The domain suffix; empty for production. @throws {UserError} when nothing was deployed to it. */
  static async find(api: TwilioApi, serviceName: string, suffix: string): Promise<CloudEnvironment> {
    const service = await api.find(PRODUCT, `/v1/Services/${serviceName}`);
    if (service === undefined)
      throw new UserError(`Account ${api.accountSid} has no Functions service ${serviceName}. Deploy first.`);
    const servicePath = `/v1/Services/${service.sid}`;
    const environments = await api.list(PRODUCT, `${servicePath}/Environments`, "environments");
    const environment = environments.find(({ domain_suffix }) => (domain_suffix ?? "") === suffix);
    if (environment === undefined)
      throw new UserError(
        `${serviceName} has no environment ${suffix || "for production"}, only ${environments.map(({ domain_suffix }) => domain_suffix || "production").join(", ") || "none"}.`,
      );
    return new CloudEnvironment(api, servicePath, environment);
  }

  async variables(): Promise<CloudVariable[]> {
    const variables = await this.#api.list(PRODUCT, `${this.#path}/Variables`, "variables");
    return variables.map(({ sid, key }) => ({ sid: String(sid), key: String(key) }));
  }

  removeVariable({ sid }: CloudVariable): Promise<void> {
    return this.#api.remove(PRODUCT, `${this.#path}/Variables/${sid}`);
  }

  /** The number of functions in the active build. */
  async countFunctions(): Promise<number> {
    const build = await this.#api.fetch(PRODUCT, `${this.#servicePath}/Builds/${this.buildSid}`);
    return Array.isArray(build.function_versions) ? build.function_versions.length : 0;
  }

  /** Activates the previous build. @returns its SID. @throws {UserError} when there is none. */
  async rollBack(): Promise<string> {
    const deployments = await this.#api.list(PRODUCT, `${this.#path}/Deployments`, "deployments");
    const newestFirst = deployments.toSorted(
      (a, b) => Date.parse(String(b.date_created)) - Date.parse(String(a.date_created)),
    );
    const before = newestFirst.map(({ build_sid }) => build_sid).find((sid) => sid && sid !== this.buildSid);
    if (before === undefined) throw new UserError(`${this.domain} has no previous deployment.`);
    await this.#api.post(PRODUCT, `${this.#path}/Deployments`, { BuildSid: String(before) });
    return String(before);
  }
}
