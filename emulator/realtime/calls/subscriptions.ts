import { isoMillis } from "../../dates.ts";
import { objectEntries } from "../../domain/content.ts";
import { ApiError } from "../../domain/errors.ts";
import { requestRules } from "../../domain/rules/request.ts";
import type { SdkCall, SdkHandler } from "../call.ts";
import { documentEvent, itemEvent, type SyncEvent } from "../events.ts";
import { itemOf } from "../items.ts";
import { findObject, type ObjectType, type SyncObject, typeOf } from "../objects.ts";
import { documentData } from "../shapes.ts";
import { missedSince, trackOf } from "../tracks.ts";
import { checkAccess } from "./sync.ts";

/** An SDK repeats its request after this time without a notification, in milliseconds. */
const estimatedDelivery = 5000;
const mostInBatch = 100;

/**
 * POST /v4/Subscriptions: subscribes a connection to the changes of objects, or unsubscribes it. It first receives the
 * changes after the event that it names.
 */
export const change: SdkHandler = (call) => {
  const { body, connection, realtime } = call;
  const action = body.get("action");
  const requests = body.get("requests");
  const correlationId = body.get("correlation_id");
  if (action !== "establish" && action !== "cancel") throw requestRules.invalidParameter("action");
  if (!Array.isArray(requests)) throw requestRules.invalidParameter("requests");
  const asked = requests.map(readRequest);
  const follow = () => {
    for (const request of asked)
      for (const event of action === "establish" ? establish(call, request) : cancel(call, request))
        realtime.notifyConnection(connection, "twilio.sync.event", {
          ...event,
          correlation_id: correlationId,
        });
  };
  return {
    status: 200,
    body: { max_batch_size: mostInBatch, ttl_in_s: -1, estimated_delivery_in_ms: estimatedDelivery },
    follow,
  };
};

interface Request {
  readonly sid: string;
  readonly type: ObjectType;
  /** The last event that the SDK has seen; undefined when it does not request earlier changes. */
  readonly seen: number | undefined;
}

function readRequest(given: unknown): Request {
  const fields = objectEntries(given);
  const [sid, type, seen] = ["object_sid", "object_type", "last_event_id"].map((name) => fields?.get(name));
  if (typeof sid !== "string") throw requestRules.invalidParameter("object_sid");
  if (type !== "document" && type !== "list" && type !== "map")
    throw requestRules.invalidParameter("object_type");
  return { sid, type, seen: typeof seen === "number" ? seen : undefined };
}

function* establish(call: SdkCall, { sid, type, seen }: Request): Iterable<SyncEvent> {
  const about = { object_sid: sid, object_type: type };
  try {
    const object = findObject(call.service, type, sid);
    if (object === undefined) throw requestRules.notFound(`/${sid}`);
    checkAccess(call.user, object);
    const track = trackOf(call.realtime.tracks, sid);
    call.realtime.subscriptions.add(sid, call.connection);
    if (seen !== undefined && seen < track.last) yield* missed(call, object, seen);
    yield {
      event_type: "subscription_established",
      event_protocol_version: 4,
      events: [{ ...about, replay_status: "completed", last_event_id: track.last }],
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, code, message } = error;
    // An object that the user may not read counts as deleted: the SDK then reports it as removed.
    const reason = { status: status === 403 ? 404 : status, code, message };
    yield {
      event_type: "subscription_failed",
      event_protocol_version: 4,
      events: [{ ...about, error: reason }],
    };
  }
}

function cancel(call: SdkCall, { sid, type }: Request): readonly SyncEvent[] {
  call.realtime.subscriptions.remove(sid, call.connection);
  const events = [{ object_sid: sid, object_type: type }];
  return [{ event_type: "subscription_canceled", event_protocol_version: 4, events }];
}

/** The changes since an event, combined per item, with the present data. */
function* missed(
  { service, realtime, resources }: SdkCall,
  object: SyncObject,
  seen: number,
): Iterable<SyncEvent> {
  const track = trackOf(realtime.tracks, object.sid);
  const now = isoMillis(resources.clock.now());
  if (object.kind === "document") {
    yield documentEvent(object.sid, track.last, now, documentData(object.conversation));
    return;
  }
  const type = typeOf(object.kind);
  for (const { id, key, kind } of missedSince(track, seen)) {
    const data = itemOf(service, object, key)?.data;
    if (kind === "removed" || data !== undefined)
      yield itemEvent({ type, sid: object.sid, id, at: now, kind, key, data: data ?? {} });
  }
}
