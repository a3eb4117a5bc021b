import { defineRules } from "../rule.ts";

/** Rules for content templates and their WhatsApp approval. */
export const contentRules = defineRules("content", {
  notJson: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: the body must be a JSON object",
    source: "assumed",
    ref: "Content API takes JSON bodies; the code is not published",
  },
  typesMissing: {
    status: 400,
    code: 92001,
    message: "Invalid types. At least one content type definition is required",
    source: "observed",
    ref: "error dictionary 92001; the message of twilio-node issue 1046",
  },
  fieldInvalid: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: %s",
    source: "assumed",
    ref: "Content OpenAPI, required fields; Twilio's page of each content type, lengths; the code is not published",
  },
  typeUnsupported: {
    status: 400,
    code: 92008,
    message: "Unsupported Content Type",
    source: "documented",
    ref: "error dictionary 92008",
  },
  tooManyVariables: {
    status: 400,
    code: 92002,
    message: "The 'variables' parameter exceeds the allowed limit",
    source: "documented",
    ref: "error dictionary 92002: 100",
  },
  variablesInvalid: {
    status: 400,
    code: 92007,
    message: "The Content Variables Parameter is invalid",
    source: "documented",
    ref: "error dictionary 92007",
  },
  languageMissing: {
    status: 400,
    code: 92003,
    message: "'language' Parameter Required",
    source: "documented",
    ref: "error dictionary 92003",
  },
  languageInvalid: {
    status: 400,
    code: 92004,
    message: "Invalid language code",
    source: "documented",
    ref: "error dictionary 92004",
  },
  notForApproval: {
    status: 400,
    code: 20422,
    message: "Invalid Parameter: %s templates cannot be submitted for approval",
    source: "assumed",
    ref: "Twilio's page on twilio/list-picker: cannot be submitted; the code is not published",
  },
  alreadySubmitted: {
    status: 400,
    code: 92009,
    message: "The template associated with this SID has already been submitted for approval.",
    source: "documented",
    ref: "error dictionary 92009",
  },
});
