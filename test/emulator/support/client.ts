import twilio from "twilio";

type RequestOptions<Data> = Parameters<typeof twilio.RequestClient.prototype.request<Data>>[0];

/**
 * The official request client, sending everything to the emulator. The Host header stays Twilio's, as it does
 * behind a proxy, so the client follows the URLs in answers as it would in production.
 */
class EmulatorRequestClient extends twilio.RequestClient {
  readonly #url: string;

  constructor(url: string) {
    super();
    this.#url = url;
  }

  override request<Data>(options: RequestOptions<Data>) {
    const { host, pathname, search } = new URL(options.uri);
    const headers = { ...options.headers, Host: host };
    return super.request<Data>({ ...options, uri: `${this.#url}${pathname}${search}`, headers });
  }
}

/** The official Twilio client, for the emulator's account. */
export function clientOf({ url, accountSid, authToken }: Record<"url" | "accountSid" | "authToken", string>) {
  return twilio(accountSid, authToken, { httpClient: new EmulatorRequestClient(url) });
}

/** Creates with this among its parameters tell webhooks. */
export const withWebhooks = { xTwilioWebhookEnabled: "true" } as const;
