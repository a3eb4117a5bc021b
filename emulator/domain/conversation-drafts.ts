import { isSid, type Sid } from "../sid.ts";
import type { Service } from "./account-model.ts";
import { attributeLimits, checkAttributes, checkFriendlyName } from "./attributes.ts";
import type { ConversationPreview, Modifications } from "./events.ts";
import { modifiedText } from "./gate.ts";
import { checkMessagingService } from "./messaging-services.ts";
import type { Conversation, ConversationState, EmailBinding, Timers } from "./model.ts";
import type { Resources } from "./resources.ts";
import { conversationRules } from "./rules/conversation.ts";
import {
  checkChangeable,
  checkClosedTimer,
  checkInactiveTimer,
  checkServicePresent,
  checkState,
  noTimers,
} from "./states.ts";

/** Parameters of a conversation; undefined when omitted. Timers are ISO 8601 durations. */
export interface ConversationInput {
  readonly friendlyName: string | undefined;
  readonly uniqueName: string | undefined;
  readonly attributes: string | undefined;
  readonly messagingServiceSid: string | undefined;
  readonly state: string | undefined;
  readonly inactiveTimer: string | undefined;
  readonly closedTimer: string | undefined;
  readonly emailAddress: string | undefined;
  readonly emailName: string | undefined;
  readonly dateCreated: number | undefined;
  readonly dateUpdated: number | undefined;
}

/** All parameters of a conversation omitted. */
export const emptyConversation: ConversationInput = {
  friendlyName: undefined,
  uniqueName: undefined,
  attributes: undefined,
  messagingServiceSid: undefined,
  state: undefined,
  inactiveTimer: undefined,
  closedTimer: undefined,
  emailAddress: undefined,
  emailName: undefined,
  dateCreated: undefined,
  dateUpdated: undefined,
};

/** A checked conversation before it is created. */
export interface ConversationDraft extends ConversationPreview {
  readonly friendlyName: string | null;
  readonly uniqueName: string | null;
  readonly attributes: string;
  readonly messagingServiceSid: Sid<"MG">;
  readonly state: ConversationState;
  readonly inactiveAfter: number | undefined;
  readonly closedAfter: number | undefined;
  readonly emailBinding: EmailBinding | null;
}

/** Only the friendly name can be modified by a pre-action webhook ("Conversations Webhooks"). */
export function withName(input: ConversationInput, modified: Modifications): ConversationInput {
  const friendlyName = modifiedText(modified, "friendly_name");
  return friendlyName === undefined ? input : { ...input, friendlyName };
}

/** Checks a new conversation. It begins with the account's default timers ("Configuration Resource"). */
export function draftConversation(
  resources: Resources,
  service: Service,
  input: ConversationInput,
): ConversationDraft {
  checkServicePresent(resources, service);
  const { defaultInactiveTimer: inactive, defaultClosedTimer: closed } = resources.account;
  const draft = {
    service,
    ...draftFields(resources, input, {
      friendlyName: null,
      uniqueName: null,
      attributes: "{}",
      messagingServiceSid: resources.account.defaultMessagingServiceSid,
      state: "active",
      timers: {
        ...noTimers(),
        inactiveAfter: inactive === null ? undefined : checkInactiveTimer(inactive),
        closedAfter: closed === null ? undefined : checkClosedTimer(closed),
      },
      emailBinding: null,
    }),
  };
  if (draft.state === "closed") throw conversationRules.createdClosed();
  checkUniqueName(service, draft.uniqueName, undefined);
  return draft;
}

/** Checks the changes of a conversation that is not closed. */
export function draftConversationUpdate(
  resources: Resources,
  conversation: Conversation,
  input: ConversationInput,
): ConversationDraft {
  checkChangeable(conversation);
  if (Object.values(input).every((value) => value === undefined)) throw conversationRules.nothingToUpdate();
  const { service, sid, dateCreated, dateUpdated } = conversation;
  const draft = { service, sid, dateCreated, dateUpdated, ...draftFields(resources, input, conversation) };
  checkUniqueName(service, draft.uniqueName, conversation);
  return draft;
}

type Fields = Pick<
  Conversation,
  "friendlyName" | "uniqueName" | "attributes" | "messagingServiceSid" | "state" | "emailBinding"
> & { readonly timers: Timers };

/** The changed fields, checked in the order of the parameters. An empty name removes the name. */
function draftFields(
  resources: Resources,
  input: ConversationInput,
  present: Fields,
): Omit<ConversationDraft, "service"> {
  const friendlyName = checkFriendlyName(
    input.friendlyName === undefined ? present.friendlyName : input.friendlyName || null,
  );
  const uniqueName = input.uniqueName === undefined ? present.uniqueName : input.uniqueName || null;
  if (uniqueName !== null && uniqueName.length > 256) throw conversationRules.uniqueNameTooLong();
  if (uniqueName !== null && isSid("CH", uniqueName)) throw conversationRules.uniqueNameLooksLikeSid();
  const { attributes } = present;
  return {
    friendlyName,
    uniqueName,
    attributes:
      input.attributes === undefined
        ? attributes
        : checkAttributes(input.attributes, attributeLimits.conversation),
    messagingServiceSid:
      input.messagingServiceSid === undefined
        ? present.messagingServiceSid
        : checkMessagingService(resources, input.messagingServiceSid),
    state: input.state === undefined ? present.state : checkState(input.state),
    inactiveAfter:
      input.inactiveTimer === undefined
        ? present.timers.inactiveAfter
        : checkInactiveTimer(input.inactiveTimer),
    closedAfter:
      input.closedTimer === undefined ? present.timers.closedAfter : checkClosedTimer(input.closedTimer),
    emailBinding: emailBinding(input, present.emailBinding),
  };
}

function emailBinding(input: ConversationInput, present: EmailBinding | null): EmailBinding | null {
  if (input.emailAddress === undefined && input.emailName === undefined) return present;
  return {
    address: input.emailAddress ?? present?.address ?? null,
    name: input.emailName ?? present?.name ?? null,
  };
}

function checkUniqueName(service: Service, name: string | null, self: Conversation | undefined): void {
  if (name === null) return;
  const holder = service.conversationsByUniqueName.get(name);
  if (holder !== undefined && holder !== self) throw conversationRules.uniqueNameTaken();
}
