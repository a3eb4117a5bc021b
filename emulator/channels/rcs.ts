import { deliveryErrors } from "./delivery-errors.ts";
import { messagingApp } from "./messaging-app.ts";

/** RCS. */
export const rcs = messagingApp({
  unreachable: deliveryErrors.unreachableByRcs,
  unknown: deliveryErrors.unreachableByRcs,
  blocked: deliveryErrors.blockedByUser,
});
