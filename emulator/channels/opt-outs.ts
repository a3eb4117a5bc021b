import { pairKey } from "../domain/world.ts";
import { type Refusal, refusals } from "./refusals.ts";

const stopWords = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const startWords = ["START", "YES", "UNSTOP"];
const helpWords = ["HELP", "INFO"];

const answers = {
  stop: "You are unsubscribed and will get no more messages from this number. Reply START to subscribe again.",
  start: "You are subscribed again to messages from this number. Reply HELP for help, STOP to unsubscribe.",
  help: "Reply STOP to unsubscribe.",
};

/** Who wants no more texts from which number of the account (Twilio's default handling of opt-out keywords). */
export class OptOuts {
  readonly #pairs: Set<string>;

  /** @param pairs the pairs of phone and number that are opted out; it is changed. */
  constructor(pairs: Set<string>) {
    this.#pairs = pairs;
  }

  /** Refuses what a number sends to a person who has opted out of its messages. */
  refusal(address: string, number: string): Refusal | undefined {
    return this.#pairs.has(pairKey(address, number)) ? refusals.optedOut : undefined;
  }

  /**
   * Takes in what a person texts to a number, and says what is answered, if anything. Only a message that is nothing
   * but a keyword counts. A person who is subscribed cannot subscribe, so that their "Yes" is an answer to somebody,
   * and who is not cannot unsubscribe: nothing is answered then, which is assumed.
   */
  handleKeyword(address: string, number: string, body: string): string | undefined {
    const word = body.trim().toUpperCase();
    const pair = pairKey(address, number);
    if (helpWords.includes(word)) return answers.help;
    if (stopWords.includes(word) && !this.#pairs.has(pair)) {
      this.#pairs.add(pair);
      return answers.stop;
    }
    return startWords.includes(word) && this.#pairs.delete(pair) ? answers.start : undefined;
  }
}
