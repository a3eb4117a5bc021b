import { type DeliveryError, deliveryErrors } from "./delivery-errors.ts";

/** The sender of WhatsApp's sandbox, the same for every account (Twilio's page "Get started with the WhatsApp sandbox"). */
const sandboxNumber = "whatsapp:+14155238886";

/** The join code. The code of a real account is in Twilio's Console. */
export const sandboxCode = "emulator-sandbox";

/** How long a person stays in the sandbox after joining: three days. */
const memberMs = 3 * 24 * 60 * 60 * 1000;

const answers = {
  joined: "You are all set! The sandbox can now send and receive messages with you. Reply stop to leave it.",
  left: "You have left the sandbox. Reply join and its code to join again.",
  notJoined: "You are not in a sandbox. Reply join and the code of one.",
};

/** The people who have joined WhatsApp's sandbox, while its rules are enabled. */
export class Sandbox {
  readonly #until: Map<string, number>;
  readonly #isOn: () => boolean;

  /**
   * @param until when each person's membership ends, by their address; it is changed.
   * @param isOn whether the sandbox's sender has the sandbox's rules.
   */
  constructor(until: Map<string, number>, isOn: () => boolean) {
    this.#until = until;
    this.#isOn = isOn;
  }

  /** The error for a message of the sandbox's sender to a person who has not joined (error dictionary 63015). */
  check(address: string, number: string, now: number): DeliveryError | undefined {
    return !this.#isOn() || number !== sandboxNumber || this.#has(address, now)
      ? undefined
      : deliveryErrors.notInSandbox;
  }

  /**
   * Handles a message to the sandbox's sender: to join, to leave, or from a person who has not joined. Returns the reply,
   * or undefined when the account receives the message.
   */
  handle(address: string, number: string, body: string, now: number): string | undefined {
    if (!this.#isOn() || number !== sandboxNumber) return undefined;
    const text = body.trim().toLowerCase();
    if (text === `join ${sandboxCode}`) {
      this.#until.set(address, now + memberMs);
      return answers.joined;
    }
    if (!this.#has(address, now)) return answers.notJoined;
    if (text !== "stop") return undefined;
    this.#until.delete(address);
    return answers.left;
  }

  #has(address: string, now: number): boolean {
    return (this.#until.get(address) ?? 0) > now;
  }
}
