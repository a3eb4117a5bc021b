import { failureOf, resultOf } from "../http-result.ts";
import { parametersOf, type Widget } from "../widget.ts";

/** Calls a function with the parameters as a signed form ("Run Function widget"): 2xx and 3xx are a success. */
export const runFunction: Widget = {
  properties: {
    url: "text",
    service_sid: "text",
    environment_sid: "text",
    function_sid: "text",
    parameters: "parameters",
  },
  required: ["url"],
  events: ["success", "fail"],
  async enter(visit) {
    const answer = await visit.request({
      method: "POST",
      url: visit.text("url"),
      fields: parametersOf(visit),
    });
    if ("error" in answer) return failureOf(visit, answer.error, "fail");
    return { event: answer.status < 400 ? "success" : "fail", result: resultOf(visit, answer) };
  },
};
