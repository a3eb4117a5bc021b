import type { Resource, TwilioApi } from "./api.ts";
import type { Variables } from "./file.ts";
import { UserError } from "./user-error.ts";

/** A service that the file names: its SID, or that it must still be created. */
export interface Named {
  readonly name: string;
  readonly sid: string | undefined;
}

/** The context in which every kind of resource is compared and changed. Created for each comparison, since it caches reads. */
export class Context {
  readonly api: TwilioApi;
  readonly variables: Variables;
  /** Whether resources that a section of the file does not name are deleted. */
  readonly prune: boolean;
  /** Whether secrets, which cannot be read back, are sent again. */
  readonly resendSecrets: boolean;
  /** Findings that no change can fix. */
  readonly warnings: string[] = [];
  readonly #lists = new Map<string, Promise<Resource[]>>();

  constructor(api: TwilioApi, options: { variables: Variables; prune: boolean; resendSecrets: boolean }) {
    this.api = api;
    this.variables = options.variables;
    this.prune = options.prune;
    this.resendSecrets = options.resendSecrets;
  }

  /** Reads a list once. */
  list(product: string, path: string, key: string): Promise<Resource[]> {
    const name = `${product} ${path}`;
    const known = this.#lists.get(name) ?? this.api.list(product, path, key);
    this.#lists.set(name, known);
    return known;
  }

  /** The Conversations service with a SID or name. */
  chatService(name: string): Promise<Named> {
    return this.#service("conversations", "IS", name);
  }

  /** The messaging service with a SID or name. */
  messagingService(name: string): Promise<Named> {
    return this.#service("messaging", "MG", name);
  }

  async #service(product: string, prefix: string, name: string): Promise<Named> {
    const services = await this.list(product, "/v1/Services?PageSize=100", "services");
    const isSid = new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(name);
    const found = services.filter((one) => (isSid ? one.sid : one.friendly_name) === name);
    if (found.length > 1) throw new UserError(`Several services are named ${name}. Use a SID instead.`);
    const [service] = found;
    if (service === undefined && isSid) throw new UserError(`The account has no service ${name}.`);
    return { name: isSid ? String(service?.friendly_name) : name, sid: service && String(service.sid) };
  }
}
