import { isoMillis } from "../../dates.ts";
import { checkMembership, maySee } from "../../domain/grants.ts";
import type { User } from "../../domain/model.ts";
import { permissionRules } from "../../domain/rules/permission.ts";
import { requestRules } from "../../domain/rules/request.ts";
import { param, type SdkCall, type SdkHandler } from "../call.ts";
import { cds } from "../events.ts";
import { answerItems, includeItems } from "../items.ts";
import { findObject, type ObjectType, type SyncObject } from "../objects.ts";
import { documentData } from "../shapes.ts";
import { trackOf } from "../tracks.ts";

/*
 * The objects of Twilio Sync as an SDK opens them. It only reads them: changes are made through the other endpoints.
 */

const segments: Readonly<Record<ObjectType, string>> = { document: "Documents", list: "Lists", map: "Maps" };

/** GET /v3/Documents/{Object}, Lists, Maps; `Include=items` adds the items of a map. */
export const open =
  (type: ObjectType): SdkHandler =>
  (call) => {
    const object = objectOf(call, type);
    const { sid } = object;
    const track = trackOf(call.realtime.tracks, sid);
    const url = `${cds}/${segments[type]}/${sid}`;
    const { dateCreated, dateUpdated } = "user" in object ? object.user : object.conversation;
    const body = {
      sid,
      unique_name: null,
      url,
      revision: String(track.last),
      last_event_id: track.last,
      date_created: isoMillis(dateCreated),
      date_updated: isoMillis(dateUpdated),
      date_expires: null,
      ...(object.kind === "document"
        ? { data: documentData(object.conversation) }
        : { links: { items: `${url}/Items` } }),
      ...(call.query.get("Include") === "items"
        ? { items: includeItems(call.service, object, track, url) }
        : {}),
    };
    return { status: 200, body };
  };

/** GET /v3/Lists/{Object}/Items, Maps: one item by `Index` or `Key`, or a page that begins at `From`, in an `Order`. */
export const listItems =
  (type: ObjectType): SdkHandler =>
  (call) => {
    const object = objectOf(call, type);
    const track = trackOf(call.realtime.tracks, object.sid);
    const url = `${cds}/${segments[type]}/${object.sid}`;
    return { status: 200, body: answerItems(call.service, object, track, url, call.query) };
  };

function objectOf(call: SdkCall, type: ObjectType): SyncObject {
  const object = findObject(call.service, type, param(call, "Object"));
  if (object === undefined) throw requestRules.notFound(call.path);
  checkAccess(call.user, object);
  return object;
}

/**
 * Throws when a user may not read an object: only members read messages and participants, only the user their own
 * conversations.
 */
export function checkAccess(user: User, object: SyncObject): void {
  switch (object.kind) {
    case "document":
      if (!maySee(user, object.conversation)) throw permissionRules.notMember();
      return;
    case "messages":
    case "roster":
      checkMembership(user, object.conversation);
      return;
    case "myConversations":
      if (object.user !== user) throw permissionRules.missing();
  }
}
