import { conversationRules } from "../../domain/rules/conversation.ts";
import { groupRules } from "../../domain/rules/group.ts";
import { messageRules } from "../../domain/rules/message.ts";
import { participantRules } from "../../domain/rules/participant.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { roleRules } from "../../domain/rules/role.ts";
import { webhookRules } from "../../domain/rules/webhook.ts";

/** Lists: size and token of the page. */
export const paging = [
  requestRules.invalidParameter,
  requestRules.pageSizeTooLarge,
  requestRules.invalidPageToken,
];

/** Lists of api.twilio.com. */
export const legacyPaging = [...paging, requestRules.pageTokenMissing];

export const attributes = [requestRules.attributesTooLong, requestRules.attributesNotJson];
export const dates = [requestRules.invalidDateCreated, requestRules.invalidDateUpdated];
/** A pre-action webhook rejected the action, or made it invalid. */
export const preAction = [requestRules.preActionRejected, requestRules.modificationInvalid];
/** Conversations that are closed or initializing cannot be changed. */
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
  conversationRules.messagingServiceNotOwned,
  conversationRules.stateEmpty,
  conversationRules.stateInvalid,
];

export const identity = [
  participantRules.identityMissing,
  participantRules.identityTooLong,
  participantRules.identityLooksLikeSid,
  participantRules.identityReserved,
];

const newBinding = [
  participantRules.identityWithBinding,
  participantRules.addressEmpty,
  participantRules.addressInvalid,
  participantRules.addressEqualsProxy,
  participantRules.proxyAddressEmpty,
  participantRules.proxyAddressInvalid,
  participantRules.proxyNotOwned,
  participantRules.proxyNotWhatsApp,
  participantRules.channelsDiffer,
  participantRules.proxyNotSupported,
];

/** Roles that are invalid in a conversation. */
export const conversationRole = [roleRules.notFound, roleRules.notForConversations];
/** Roles that are invalid in a service. */
export const serviceRole = [roleRules.notFound, roleRules.notForServices];

/** Group texts. */
export const group = [
  groupRules.projectedWithBinding,
  groupRules.projectedMissing,
  groupRules.projectedNotOwned,
  groupRules.activationFailed,
  groupRules.full,
  groupRules.memberExists,
  groupRules.exists,
];

/** Errors of a new participant, independent of others. */
export const oneParticipant = [
  identity,
  newBinding,
  attributes,
  conversationRole,
  groupRules.projectedWithBinding,
  groupRules.projectedNotOwned,
];

export const newParticipant = [
  oneParticipant,
  group,
  participantRules.tooManyParticipants,
  participantRules.tooManyNonChatParticipants,
  participantRules.participantExists,
  participantRules.identityInTooManyConversations,
  participantRules.pairInUse,
];

/** The read horizon of a participant. */
export const readHorizon = [participantRules.lastReadIndexInvalid, participantRules.lastReadTimestampInvalid];

export const participantChanges = [
  attributes,
  identity,
  conversationRole,
  group,
  participantRules.participantExists,
  participantRules.identityInTooManyConversations,
  participantRules.pairInUse,
  participantRules.addressInvalid,
  participantRules.addressEqualsProxy,
  participantRules.proxyAddressInvalid,
  participantRules.proxyNotOwned,
  participantRules.proxyNotWhatsApp,
  participantRules.channelsDiffer,
  groupRules.proxyNotRemovable,
  groupRules.proxyNotAddable,
  groupRules.projectedNotRemovable,
  groupRules.identityNotAddable,
  readHorizon,
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
  messageRules.mediaUsed,
  groupRules.authorNotMember,
  messageRules.contentSidMissing,
  messageRules.contentSidInvalid,
  messageRules.contentNotFound,
  messageRules.contentTypeUnsupported,
  messageRules.variablesNotObject,
  messageRules.variablesTooLong,
  messageRules.variableKeyTooLong,
  messageRules.variableValueTooLong,
];

export const userFields = [attributes, requestRules.friendlyNameTooLong, serviceRole];

/** Required names. */
export const requiredName = [requestRules.friendlyNameMissing, requestRules.friendlyNameTooLong];

export const scopedWebhookFields = [
  webhookRules.urlTooLong,
  webhookRules.urlInvalid,
  webhookRules.methodInvalid,
  webhookRules.filterInvalid,
  webhookRules.tooManyTriggers,
  webhookRules.triggerInvalid,
  webhookRules.flowSidInvalid,
];

export const webhookTargets = [
  webhookRules.preWebhookUrlInvalid,
  webhookRules.postWebhookUrlInvalid,
  webhookRules.configurationTargetInvalid,
  webhookRules.methodInvalid,
  webhookRules.filterInvalid,
];

export const permissions = [roleRules.permissionMissing, roleRules.permissionNotFound];
