import { parseIsoDate } from "../dates.ts";
import { objectEntries } from "./content.ts";
import type { ApiError } from "./errors.ts";
import type { ParticipantInput } from "./model.ts";
import { participantRules } from "./rules/participant.ts";
import { requestRules } from "./rules/request.ts";

/**
 * Reads participants given as JSON objects whose fields are the parameters of the participant resource, in snake
 * case: `identity`, `messaging_binding` with `address`, `proxy_address` and `projected_address`, `attributes`, `role_sid`,
 * `date_created` and `date_updated`. Other fields are ignored, as unknown parameters are.
 */
export function parseParticipants(texts: readonly string[]): readonly ParticipantInput[] {
  return texts.map((text) => {
    const fields = parse(text);
    const given = fields.get("messaging_binding");
    const binding = given === undefined || given === null ? new Map() : objectEntries(given);
    if (binding === undefined) throw participantRules.jsonInvalid();
    return {
      identity: textOf(fields, "identity"),
      address: textOf(binding, "address"),
      proxyAddress: textOf(binding, "proxy_address"),
      projectedAddress: textOf(binding, "projected_address"),
      attributes: attributesOf(fields),
      roleSid: textOf(fields, "role_sid"),
      dateCreated: dateOf(fields, "date_created", requestRules.invalidDateCreated),
      dateUpdated: dateOf(fields, "date_updated", requestRules.invalidDateUpdated),
    };
  });
}

function parse(text: string): ReadonlyMap<string, unknown> {
  try {
    const fields = objectEntries(JSON.parse(text));
    if (fields !== undefined) return fields;
  } catch {
    // Rejected like JSON that is not an object.
  }
  throw participantRules.jsonInvalid();
}

function textOf(fields: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = fields.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw participantRules.jsonInvalid();
  return value;
}

function dateOf(
  fields: ReadonlyMap<string, unknown>,
  name: string,
  refusal: () => ApiError,
): number | undefined {
  const text = textOf(fields, name);
  if (text === undefined || text === "") return undefined;
  const date = parseIsoDate(text);
  if (date === undefined) throw refusal();
  return date;
}

/** Attributes are JSON text; an object is accepted and serialized. */
function attributesOf(fields: ReadonlyMap<string, unknown>): string | undefined {
  const value = fields.get("attributes");
  return objectEntries(value) === undefined ? textOf(fields, "attributes") : JSON.stringify(value);
}
