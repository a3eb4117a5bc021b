import { pairKey } from "../domain/resources.ts";
import { type DeliveryError, deliveryErrors } from "./delivery-errors.ts";

const stopWords = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const startWords = ["START", "YES", "UNSTOP"];
const helpWords = ["HELP", "INFO"];

const confirmations = {
  stop: "You are unsubscribed and will get no more messages from this number. Reply START to subscribe again.",
  start: "You are subscribed again to messages from this number. Reply HELP for help, STOP to unsubscribe.",
  help: "Reply STOP to unsubscribe.",
};

/** The people who have opted out of the messages of a number (Twilio's default handling of opt-out keywords). */
export class OptOuts {
  readonly #pairs: Set<string>;

  /** @param pairs the pairs of phone and number that are opted out; it is changed. */
  constructor(pairs: Set<string>) {
    this.#pairs = pairs;
  }

  /** The error for a message from a number to a person who has opted out of its messages. */
  check(address: string, number: string): DeliveryError | undefined {
    return this.#pairs.has(pairKey(address, number)) ? deliveryErrors.optedOut : undefined;
  }

  /**
   * Handles a person's message to a number. Returns the confirmation to send, if any. Only a message that consists of
   * a keyword counts. START and its synonyms are ignored from a person who is subscribed, so that "Yes" can answer a
   * question, and STOP from a person who is not; that no confirmation is sent then is assumed.
   */
  handleKeyword(address: string, number: string, body: string): string | undefined {
    const word = body.trim().toUpperCase();
    const pair = pairKey(address, number);
    if (helpWords.includes(word)) return confirmations.help;
    if (stopWords.includes(word) && !this.#pairs.has(pair)) {
      this.#pairs.add(pair);
      return confirmations.stop;
    }
    return startWords.includes(word) && this.#pairs.delete(pair) ? confirmations.start : undefined;
  }
}
