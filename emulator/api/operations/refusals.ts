import { conversationRules } from "../../domain/rules/conversation.ts";
import { messageRules } from "../../domain/rules/message.ts";
import { participantRules } from "../../domain/rules/participant.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { webhookRules } from "../../domain/rules/webhook.ts";

/** Lists: size and token of the page. */
export const paging = [
  requestRules.invalidParameter,
  requestRules.pageSizeTooLarge,
  requestRules.invalidPageToken,
];

export const attributes = [requestRules.attributesTooLong, requestRules.attributesNotJson];
export const dates = [requestRules.invalidDateCreated, requestRules.invalidDateUpdated];
/** A pre-action webhook said no. */
export const preAction = [requestRules.preActionRejected];
/** Only what is neither closed nor still being set up can be changed. */
export const changeable = [conversationRules.closed, conversationRules.initializing];

export const timers = [
  conversationRules.inactiveTimerInvalid,
  conversationRules.inactiveTimerTooShort,
  conversationRules.closedTimerInvalid,
  conversationRules.closedTimerTooShort,
];

export const conversationFields = [
  dates,
  attributes,
  timers,
  preAction,
  requestRules.friendlyNameTooLong,
  conversationRules.uniqueNameTooLong,
  conversationRules.uniqueNameLooksLikeSid,
  conversationRules.uniqueNameTaken,
  conversationRules.messagingServiceInvalid,
  conversationRules.stateEmpty,
  conversationRules.stateInvalid,
];

export const identity = [
  participantRules.identityMissing,
  participantRules.identityTooLong,
  participantRules.identityLooksLikeSid,
  participantRules.identityReserved,
];

export const newBinding = [
  participantRules.identityWithBinding,
  participantRules.addressEmpty,
  participantRules.addressInvalid,
  participantRules.addressEqualsProxy,
  participantRules.proxyAddressEmpty,
  participantRules.proxyAddressInvalid,
  participantRules.proxyNotOwned,
  participantRules.proxyNotWhatsApp,
  participantRules.channelsDiffer,
];

export const newParticipant = [
  identity,
  newBinding,
  attributes,
  requestRules.roleNotFound,
  participantRules.tooManyParticipants,
  participantRules.tooManyNonChatParticipants,
  participantRules.participantExists,
  participantRules.identityInTooManyConversations,
  participantRules.pairInUse,
];

export const participantChanges = [
  attributes,
  requestRules.roleNotFound,
  participantRules.proxyUpdateNotSupported,
  participantRules.projectedUpdateNotSupported,
  participantRules.identityUpdateNotSupported,
  participantRules.lastReadIndexInvalid,
  participantRules.lastReadTimestampInvalid,
];

export const messageFields = [
  dates,
  attributes,
  changeable,
  preAction,
  messageRules.authorTooLong,
  messageRules.bodyTooLong,
  messageRules.subjectTooLong,
];

export const messageContents = [
  messageRules.empty,
  messageRules.mediaSidInvalid,
  messageRules.mediaNotFound,
  messageRules.contentSidMissing,
  messageRules.contentSidInvalid,
  messageRules.contentNotFound,
  messageRules.contentTypeUnsupported,
  messageRules.variablesNotObject,
  messageRules.variablesTooLong,
  messageRules.variableKeyTooLong,
  messageRules.variableValueTooLong,
];

export const userFields = [attributes, requestRules.friendlyNameTooLong, requestRules.roleNotFound];

export const scopedWebhookFields = [
  webhookRules.urlTooLong,
  webhookRules.urlInvalid,
  webhookRules.methodInvalid,
  webhookRules.filterInvalid,
  webhookRules.tooManyTriggers,
  webhookRules.triggerInvalid,
  webhookRules.triggerMissing,
  webhookRules.flowSidInvalid,
];

export const webhookTargets = [
  webhookRules.preWebhookUrlInvalid,
  webhookRules.postWebhookUrlInvalid,
  webhookRules.configurationTargetInvalid,
  webhookRules.methodInvalid,
  webhookRules.filterInvalid,
];
