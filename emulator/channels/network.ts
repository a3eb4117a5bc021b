import type { Clock } from "../clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { Timeline } from "../timeline.ts";
import type { Rules } from "./a2p.ts";
import type { OptOuts } from "./opt-outs.ts";
import type { Phones } from "./phones.ts";
import type { WhatsAppWindows } from "./whatsapp.ts";

/** What carries messages between conversations and people, and where it shows. */
export interface Network {
  readonly clock: Clock;
  readonly phones: Phones;
  readonly windows: WhatsAppWindows;
  readonly optOuts: OptOuts;
  readonly rules: Rules;
  readonly timeline: Timeline;
  readonly faults: Faults;
  /** Sends a webhook that is not of Conversations, in the order of its place; the answer's text, if there is one. */
  callWebhook(place: string, url: string, fields: ReadonlyMap<string, string>): Promise<string | undefined>;
}
