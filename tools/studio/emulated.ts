import { UserError } from "../../infra/account/user-error.ts";
import { type EmulatorInfo, startEmulatorProcess } from "../local/local.ts";

/** An answer of the emulator. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An emulator to run flows on: a running one, or a new one that is stopped afterwards. */
export class Emulated {
  readonly info: EmulatorInfo;
  readonly stop: () => Promise<unknown>;

  private constructor(info: EmulatorInfo, stop: () => Promise<unknown>) {
    this.info = info;
    this.stop = stop;
  }

  static async start(url: string | undefined): Promise<Emulated> {
    if (url === undefined) {
      const child = await startEmulatorProcess("--port", "0");
      return new Emulated(child.info, () => child.stop());
    }
    const response = await fetch(`${url.replace(/\/$/, "")}/_emulator/info`).catch(() => undefined);
    if (!response?.ok)
      throw new UserError(`--emulator: no emulator answers at ${url}. Start one: npm run emulator`);
    return new Emulated((await response.json()) as EmulatorInfo, async () => undefined);
  }

  /** A request to the control API. @throws if it is rejected. */
  async control<Body>(path: string, body?: object): Promise<Body> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${this.info.controlUrl}${path}`, init);
    const answer = await response.json();
    if (!response.ok) throw new UserError(`${path}: ${(answer as { error?: string }).error}`);
    return answer as Body;
  }

  /** A POST to Twilio's API. */
  async post(path: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    const { url, accountSid, authToken } = this.info;
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` },
      body: new URLSearchParams(form),
    });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  }
}
