import { objectEntries, sessionOnlyTypes } from "../domain/content.ts";
import { placeholdersOf, renderContent } from "../domain/content-rendering.ts";
import type { ApprovalStatus, Content, Message } from "../domain/model.ts";
import { pairKey } from "../domain/world.ts";
import { type Refusal, refusals } from "./refusals.ts";

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
 * Why WhatsApp does not deliver a message; undefined when it does.
 *
 * Outside the window only an approved template is delivered. A template that was never approved is free text to
 * WhatsApp. The variables of a template must match its placeholders, and fit into one line.
 */
export function whatsAppRefusal(
  content: Content | undefined,
  message: Message,
  windowIsOpen: boolean,
): Refusal | undefined {
  if (content === undefined) return windowIsOpen ? undefined : refusals.outsideWindow;
  if (!variablesMatch(content, message.contentVariables)) return refusals.variablesMismatch;
  if ([...valuesOf(content, message.contentVariables)].some(isUnfit)) return refusals.variableUnfit;
  const { type, body } = renderContent(content, message.contentVariables, "whatsapp");
  if (body.length > longestTemplate) return refusals.templateTooLong;
  if (sessionOnlyTypes.includes(type)) return windowIsOpen ? undefined : refusals.outsideWindow;
  if (windowIsOpen && !alwaysApprovedTypes.includes(type)) {
    const isApproved = content.approval?.status === "approved";
    return isApproved || actionsOf(content, type) <= mostUnapproved ? undefined : refusals.tooManyButtons;
  }
  return approvalRefusals[content.approval?.status ?? "unsubmitted"];
}

const approvalRefusals: Readonly<Record<ApprovalStatus, Refusal | undefined>> = {
  approved: undefined,
  unsubmitted: refusals.outsideWindow,
  received: refusals.outsideWindow,
  pending: refusals.outsideWindow,
  rejected: refusals.templateRejected,
  paused: refusals.templatePaused,
  disabled: refusals.templateDisabled,
};

/** Characters of a template once its placeholders are filled (error dictionary 63021). */
const longestTemplate = 1024;

/** Buttons of a template that is sent inside the window without approval (Twilio's page on the quick reply). */
const mostUnapproved = 3;

function actionsOf({ types }: Content, type: string): number {
  const actions = objectEntries(types.get(type))?.get("actions");
  return Array.isArray(actions) ? actions.length : 0;
}

/** What WhatsApp takes for no value: a line break, a tab, more than four spaces, nothing (error dictionary 21656, 63013). */
function isUnfit(value: string): boolean {
  return value.trim() === "" || /[\r\n\t]| {5}/.test(value);
}

function valuesOf(content: Content, given: ReadonlyMap<string, string>): Iterable<string> {
  if (given.size > 0) return given.values();
  return [...placeholdersOf(content)].map((name) => content.variables.get(name) ?? "");
}

/** Given variables must be exactly those of the template; when none are given its default values stand in. */
function variablesMatch(content: Content, given: ReadonlyMap<string, string>): boolean {
  const placeholders = placeholdersOf(content);
  const values = given.size === 0 ? content.variables : given;
  const missing = [...placeholders].some((name) => !values.has(name));
  return !missing && (given.size === 0 || given.size === placeholders.size);
}
