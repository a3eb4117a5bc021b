import { placeholdersOf, renderContent } from "../domain/content-rendering.ts";
import type { ApprovalStatus, Content, Message } from "../domain/model.ts";
import { pairKey } from "../domain/world.ts";

const windowMs = 24 * 60 * 60 * 1000;

/** Types that WhatsApp wants approved even inside the window ("Send Rich Content Messages with Conversations"). */
const alwaysApprovedTypes = ["twilio/card", "twilio/call-to-action", "whatsapp/card"];

/**
 * WhatsApp's customer service window: each message from a person opens it for 24 hours to the sender they wrote
 * to ("Using WhatsApp with Conversations").
 */
export class WhatsAppWindows {
  readonly #closesAt: Map<string, number>;

  /** @param closesAt when each window closes, by its pair; it is changed. */
  constructor(closesAt: Map<string, number>) {
    this.#closesAt = closesAt;
  }

  /** Notes a message from a person to a sender, in any conversation or none. */
  open(address: string, proxyAddress: string, now: number): void {
    this.#closesAt.set(pairKey(address, proxyAddress), now + windowMs);
  }

  isOpen(address: string, proxyAddress: string, now: number): boolean {
    return (this.#closesAt.get(pairKey(address, proxyAddress)) ?? 0) > now;
  }
}

/**
 * Why WhatsApp does not deliver a message, as an error code; 0 when it does.
 *
 * Outside the window only an approved template is delivered. Free text, and a template that was never approved,
 * which WhatsApp takes for free text, fail with 63016; rejected, paused and disabled templates with 63040, 63041
 * and 63042. A template whose variables do not match its placeholders fails with 63028 (error dictionary; which
 * code an unapproved template gets is assumed).
 */
export function whatsAppRefusal(
  content: Content | undefined,
  message: Message,
  windowIsOpen: boolean,
): number {
  if (content === undefined) return windowIsOpen ? 0 : 63016;
  if (!variablesMatch(content, message.contentVariables)) return 63028;
  const { type } = renderContent(content, message.contentVariables, "whatsapp");
  if (windowIsOpen && !alwaysApprovedTypes.includes(type)) return 0;
  return refusals[content.approval?.status ?? "unsubmitted"];
}

const refusals: Readonly<Record<ApprovalStatus, number>> = {
  approved: 0,
  unsubmitted: 63016,
  received: 63016,
  pending: 63016,
  rejected: 63040,
  paused: 63041,
  disabled: 63042,
};

/** Given variables must be exactly those of the template; when none are given its default values stand in. */
function variablesMatch(content: Content, given: ReadonlyMap<string, string>): boolean {
  const placeholders = placeholdersOf(content);
  const values = given.size === 0 ? content.variables : given;
  const missing = [...placeholders].some((name) => !values.has(name));
  return !missing && (given.size === 0 || given.size === placeholders.size);
}
