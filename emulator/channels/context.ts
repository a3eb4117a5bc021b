import type { Clock } from "../clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { Timeline } from "../timeline.ts";
import type { Rules } from "./a2p.ts";
import type { OptOuts } from "./opt-outs.ts";
import type { Phones } from "./phones.ts";
import type { Sandbox } from "./sandbox.ts";
import type { ServiceWindows } from "./windows.ts";

/** Dependencies of sending and receiving messages. */
export interface ChannelContext {
  readonly clock: Clock;
  readonly phones: Phones;
  readonly windows: ServiceWindows;
  readonly optOuts: OptOuts;
  readonly sandbox: Sandbox;
  readonly rules: Rules;
  readonly timeline: Timeline;
  log(message: string): void;
  readonly faults: Faults;
  /** The origin of the emulator: "http://127.0.0.1:PORT". */
  origin(): string;
  /** Sends a number's messaging webhook, after earlier ones of that number. Resolves to the text of the response. */
  callWebhook(number: string, url: string, fields: ReadonlyMap<string, string>): Promise<string | undefined>;
}
