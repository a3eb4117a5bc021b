import { objectEntries, sessionOnlyTypes } from "../domain/content.ts";
import { placeholdersOf, renderContent } from "../domain/content-rendering.ts";
import type { ApprovalStatus, Content } from "../domain/model.ts";
import type { MessagingChannel, OutboundText } from "./channel.ts";
import { type DeliveryError, deliveryErrors } from "./delivery-errors.ts";
import { singleFile } from "./limits.ts";

/** Types that WhatsApp requires approved even inside the window ("Send Rich Content Messages with Conversations"). */
const alwaysApprovedTypes = ["twilio/card", "twilio/call-to-action", "whatsapp/card"];

export const whatsapp: MessagingChannel = {
  messageSid: { text: "WA", media: "WA" },
  fileLimits: { fromChat: singleFile, fromPerson: singleFile },
  phoneErrors: {
    unreachable: deliveryErrors.invalidOnWhatsApp,
    unknown: deliveryErrors.invalidOnWhatsApp,
    blocked: deliveryErrors.blockedByUser,
  },
  waitsForPhone: true,
  reportsReads: true,
  hasServiceWindow: true,
  handlesOptOutKeywords: false,
  check: checkTemplate,
  // The profile's name is the number (assumed: people here have no other).
  webhookFields: (from) => {
    const number = from.slice("whatsapp:+".length);
    return [
      ["ProfileName", number],
      ["WaId", number],
    ];
  },
};

/**
 * Outside the window only an approved template is delivered. A template that was never approved counts as free text.
 * The variables of a template must match its placeholders, and each must fit on one line.
 */
function checkTemplate({ content, contentVariables, windowIsOpen }: OutboundText): DeliveryError | undefined {
  if (content === undefined) return windowIsOpen ? undefined : deliveryErrors.outsideWindow;
  if (!variablesMatch(content, contentVariables)) return deliveryErrors.variablesMismatch;
  if ([...valuesOf(content, contentVariables)].some(isInvalidValue)) return deliveryErrors.variableInvalid;
  const { type, body } = renderContent(content, contentVariables, "whatsapp");
  if (body.length > longestTemplate) return deliveryErrors.templateTooLong;
  if (sessionOnlyTypes.includes(type)) return windowIsOpen ? undefined : deliveryErrors.outsideWindow;
  if (windowIsOpen && !alwaysApprovedTypes.includes(type)) {
    const isApproved = content.approval?.status === "approved";
    return isApproved || actionsOf(content, type) <= mostUnapproved
      ? undefined
      : deliveryErrors.tooManyButtons;
  }
  return approvalErrors[content.approval?.status ?? "unsubmitted"];
}

const approvalErrors: Readonly<Record<ApprovalStatus, DeliveryError | undefined>> = {
  approved: undefined,
  unsubmitted: deliveryErrors.outsideWindow,
  received: deliveryErrors.outsideWindow,
  pending: deliveryErrors.outsideWindow,
  rejected: deliveryErrors.templateRejected,
  paused: deliveryErrors.templatePaused,
  disabled: deliveryErrors.templateDisabled,
};

/** Characters of a template once its placeholders are filled (error dictionary 63021). */
const longestTemplate = 1024;

/** Buttons of a template that is sent inside the window without approval (Twilio's page on the quick reply). */
const mostUnapproved = 3;

function actionsOf({ types }: Content, type: string): number {
  const actions = objectEntries(types.get(type))?.get("actions");
  return Array.isArray(actions) ? actions.length : 0;
}

/** A line break, a tab, more than four spaces, or no text (error dictionary 21656, 63013). */
function isInvalidValue(value: string): boolean {
  return value.trim() === "" || /[\r\n\t]| {5}/.test(value);
}

function valuesOf(content: Content, given: ReadonlyMap<string, string>): Iterable<string> {
  if (given.size > 0) return given.values();
  return [...placeholdersOf(content)].map((name) => content.variables.get(name) ?? "");
}

/** The given variables must be exactly those of the template; when none are given its default values are used. */
function variablesMatch(content: Content, given: ReadonlyMap<string, string>): boolean {
  const placeholders = placeholdersOf(content);
  const values = given.size === 0 ? content.variables : given;
  const missing = [...placeholders].some((name) => !values.has(name));
  return !missing && (given.size === 0 || given.size === placeholders.size);
}
