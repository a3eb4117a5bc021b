import { defineRules } from "../rule.ts";

/** Rules of Studio's API. */
export const studioRules = defineRules("studio", {
  parameterMissing: {
    status: 400,
    code: 20001,
    message: "Missing required parameter %s in the post body",
    source: "observed",
    ref: "an issue of an official client quotes it",
  },
  parameterInvalid: {
    status: 400,
    code: 20001,
    message: "Invalid parameter %s",
    source: "assumed",
    ref: "error dictionary 20001",
  },
  definitionInvalid: {
    status: 400,
    code: 20001,
    message: "Flow definition contains errors",
    source: "assumed",
    ref: "the details are Twilio's; code and message are not public",
  },
  executionActive: {
    status: 409,
    code: 20409,
    message: "Execution %s is already active for this contact",
    source: "documented",
    ref: "Execution: one can be active for the same To and From; the words are assumed",
  },
  nothingPublished: {
    status: 400,
    code: 20001,
    message: "The flow has no published revision",
    source: "assumed",
    ref: "only a published revision serves traffic; the refusal is not public",
  },
});
