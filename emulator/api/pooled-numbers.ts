import { isoSeconds } from "../dates.ts";
import type { MessagingService, PooledNumber } from "../domain/account-model.ts";
import { poolNumber } from "../domain/messaging-services.ts";
import { listResponse } from "../http/list.ts";
import { type Call, type Handler, notFound, param } from "./call.ts";
import { messagingServiceOf } from "./messaging-services.ts";

/** POST /Services/{MessagingServiceSid}/PhoneNumbers: a number of the account, by `PhoneNumberSid` */
export const create: Handler = (call) => {
  const service = messagingServiceOf(call);
  const pooled = poolNumber(call.resources, service, call.form.get("PhoneNumberSid"));
  return { status: 201, body: present(call, service, pooled) };
};

/** GET /Services/{MessagingServiceSid}/PhoneNumbers/{Sid} */
export const fetch: Handler = (call) => {
  const service = messagingServiceOf(call);
  return { status: 200, body: present(call, service, pooledOf(call, service)) };
};

/** DELETE /Services/{MessagingServiceSid}/PhoneNumbers/{Sid} */
export const remove: Handler = (call) => {
  const service = messagingServiceOf(call);
  service.numbers.delete(pooledOf(call, service));
  return { status: 204 };
};

/** GET /Services/{MessagingServiceSid}/PhoneNumbers */
export const list: Handler = (call) => {
  const service = messagingServiceOf(call);
  return listResponse(`${call.base}/Services/${service.sid}/PhoneNumbers`, call.query, {
    key: "phone_numbers",
    members: service.numbers,
    sidPrefix: "PN",
    defaultSize: 50,
    maxSize: 400,
    present: (pooled) => present(call, service, pooled),
  });
};

function pooledOf(call: Call, service: MessagingService): PooledNumber {
  const pooled = service.numbers.get(param(call, "Sid"));
  if (pooled === undefined) throw notFound(call);
  return pooled;
}

function present(call: Call, service: MessagingService, pooled: PooledNumber): unknown {
  return {
    sid: pooled.sid,
    account_sid: call.resources.account.sid,
    service_sid: service.sid,
    date_created: isoSeconds(pooled.dateCreated),
    date_updated: isoSeconds(pooled.dateCreated),
    phone_number: pooled.number.address,
    country_code: pooled.number.address.startsWith("+1") ? "US" : null,
    capabilities: ["SMS", "MMS"],
    url: `${call.base}/Services/${service.sid}/PhoneNumbers/${pooled.sid}`,
  };
}
