import { createHash } from "node:crypto";
import type { Member } from "../domain/collection.ts";
import { Collection } from "../domain/collection.ts";
import { listResponse } from "../http/list.ts";
import type { Call, FailedWebhook, Handler } from "./call.ts";
import { notFound, param } from "./call.ts";
import { dateFilter } from "./date-filter.ts";

/*
 * Alerts of monitor.twilio.com, one for each webhook that failed. They are kept as long as the webhook log.
 */

interface Alert extends Member {
  readonly webhook: FailedWebhook;
}

/** GET /Alerts, by `LogLevel`, `StartDate` and `EndDate` */
export const list: Handler = (call) => {
  const level = call.query.get("LogLevel") || undefined;
  const dates = dateFilter(call.query, { from: "StartDate", to: "EndDate" });
  return listResponse(`${call.base}/Alerts`, call.query, {
    key: "alerts",
    members: alertsOf(call),
    sidPrefix: "NO",
    defaultSize: 50,
    maxSize: 1000,
    descending: true,
    filters: [...(level === undefined ? [] : [["LogLevel", level] as const]), ...dates.given],
    keep: ({ webhook }) =>
      (level === undefined || level === "error") && dates.includes(Date.parse(webhook.at)),
    present: (alert) => present(call, alert),
  });
};

/** GET /Alerts/{Sid}, with the request and the response */
export const fetch: Handler = (call) => {
  const alert = alertsOf(call).get(param(call, "Sid"));
  if (alert === undefined) throw notFound(call);
  const { request, response } = alert.webhook;
  return {
    status: 200,
    body: {
      ...present(call, alert),
      request_variables: request.body || new URL(request.url).search.slice(1),
      request_headers: null,
      response_headers: null,
      response_body: response?.body ?? null,
    },
  };
};

function alertsOf({ failedWebhooks, resources }: Call): Collection<Alert> {
  const alerts = new Collection<Alert>();
  for (const webhook of failedWebhooks()) {
    const digest = createHash("sha256").update(`${resources.account.sid} ${webhook.id}`).digest("hex");
    alerts.add({ sid: `NO${digest.slice(0, 32)}`, seq: webhook.id, webhook });
  }
  return alerts;
}

function present(call: Call, { sid, webhook }: Alert) {
  const { at, request, error, conversationSid } = webhook;
  const date = `${at.slice(0, 19)}Z`;
  return {
    sid,
    account_sid: call.resources.account.sid,
    resource_sid: conversationSid ?? null,
    service_sid: null,
    error_code: String(error?.code ?? ""),
    log_level: "error",
    alert_text: new URLSearchParams({ Msg: error?.message ?? "", url: request.url }).toString(),
    more_info: `https://www.twilio.com/docs/errors/${error?.code ?? ""}`,
    request_method: request.method,
    request_url: request.url,
    api_version: "2010-04-01",
    date_created: date,
    date_generated: date,
    date_updated: date,
    url: `${call.base}/Alerts/${sid}`,
  };
}
