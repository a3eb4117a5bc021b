import { deliveryErrors } from "./delivery-errors.ts";
import { messagingApp } from "./messaging-app.ts";

/** Facebook Messenger. */
export const messenger = messagingApp({
  unreachable: deliveryErrors.inactiveOnMessenger,
  unknown: deliveryErrors.inactiveOnMessenger,
  blocked: deliveryErrors.blockedByUser,
});
