import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Exchange } from "../recorder.ts";
import { isObject, parseJson } from "./json.ts";
import type { OperationSpec, ResponseSpec } from "./specification.ts";
import { collectSamples, formats, type Samples, strictSchema } from "./strict-schema.ts";

/** An error of a response, and its location. */
export interface Fault {
  readonly location: string;
  readonly expected: string;
  readonly got: string;
}

/** Validates responses by a specification. */
export class AnswerChecker {
  readonly #ajv = new Ajv({ allErrors: true, verbose: true, strict: false, formats });
  readonly #samples: Samples = new Map();
  readonly #validators = new Map<ResponseSpec, ValidateFunction>();

  constructor(operations: readonly OperationSpec[]) {
    for (const { responses } of operations)
      for (const { schema, examples } of responses.values())
        for (const example of examples.values())
          if (schema !== undefined) collectSamples(schema, example, this.#samples);
  }

  /** The errors of a response; empty if it is valid. */
  check(operation: OperationSpec, exchange: Exchange): readonly Fault[] {
    if (exchange.status >= 400) return checkRefusal(exchange);
    const response = operation.responses.get(exchange.status);
    if (response === undefined) {
      const known = [...operation.responses.keys()].join(" or ");
      return [{ location: "status", expected: known, got: String(exchange.status) }];
    }
    return [
      ...checkHeaders(response, exchange),
      ...this.#checkBody(response, exchange),
      ...checkPageSize(operation, exchange),
    ];
  }

  #checkBody(response: ResponseSpec, { body }: Exchange): readonly Fault[] {
    if (response.schema === undefined)
      return body === "" ? [] : [{ location: "$", expected: "no body", got: show(body) }];
    const value = parseJson(body);
    if (value === undefined) return [{ location: "$", expected: "JSON", got: show(body) }];
    const validate = this.#validators.get(response) ?? this.#compile(response);
    this.#validators.set(response, validate);
    return validate(value) ? [] : (validate.errors ?? []).filter(saysSomething).map(toFault);
  }

  #compile({ schema = {}, examples }: ResponseSpec): ValidateFunction {
    return this.#ajv.compile(strictSchema(schema, [...examples.values()], this.#samples));
  }
}

function checkPageSize(
  { largestPage = Number.POSITIVE_INFINITY }: OperationSpec,
  { body }: Exchange,
): Fault[] {
  const value = parseJson(body);
  const meta = isObject(value) ? value.meta : undefined;
  if (!isObject(meta) || Number(meta.page_size) <= largestPage) return [];
  return [{ location: "$.meta.page_size", expected: `at most ${largestPage}`, got: show(meta.page_size) }];
}

const errors = new Set([400, 401, 403, 404, 405, 409, 413, 429, 501]);

/** Error responses are not in the specification: they need Twilio's error body, and a documented status. */
function checkRefusal({ status, headers, body }: Exchange): readonly Fault[] {
  const faults: Fault[] = [];
  const expect = (location: string, expected: string, holds: boolean, got: unknown) => {
    if (!holds) faults.push({ location, expected, got: show(got) });
  };
  expect("status", "a status of Twilio's errors", errors.has(status), status);
  expect("Content-Type", "application/json", isJson(headers["content-type"]), headers["content-type"]);
  const value = parseJson(body);
  const error = isObject(value) ? value : {};
  const keys = Object.keys(error).filter((key) => key !== "detail" && key !== "details");
  expect(
    "$",
    "code, message, more_info, status",
    keys.sort().join() === "code,message,more_info,status",
    body,
  );
  expect("$.code", "a number of five digits", /^\d{5}$/.test(String(error.code)), error.code);
  expect("$.message", "text", typeof error.message === "string" && error.message !== "", error.message);
  const page = `https://www.twilio.com/docs/errors/${error.code}`;
  expect("$.more_info", "the page of the code", error.more_info === page, error.more_info);
  expect("$.status", "the status of the answer", error.status === status, error.status);
  return faults;
}

function checkHeaders(response: ResponseSpec, { headers }: Exchange): readonly Fault[] {
  const missing = response.headers.filter((name) => headers[name.toLowerCase()] === undefined);
  const faults = missing.map((name) => ({ location: name, expected: "a header", got: "none" }));
  const got = headers["content-type"];
  const isRight = response.contentType === undefined ? got === undefined : isJson(got);
  return isRight
    ? faults
    : [...faults, { location: "Content-Type", expected: response.contentType ?? "none", got: show(got) }];
}

function isJson(contentType: string | undefined): boolean {
  return contentType?.split(";")[0] === "application/json";
}

/** Errors that only report that no alternative matched; the errors of the alternatives have the reasons. */
function saysSomething({ keyword, params, schemaPath }: ErrorObject): boolean {
  return keyword !== "anyOf" && !(params.type === "null" && /\/anyOf\/0\/type$/.test(schemaPath));
}

function toFault({ instancePath, keyword, params, data }: ErrorObject): Fault {
  const location = jsonPath(instancePath);
  switch (keyword) {
    case "required":
      return { location: `${location}.${params.missingProperty}`, expected: "a value", got: "no such key" };
    case "additionalProperties": {
      const key: string = params.additionalProperty;
      const value = (data as Readonly<Record<string, unknown>>)[key];
      return { location: `${location}.${key}`, expected: "no such key", got: show(value) };
    }
    default: {
      const limit = params.type ?? params.allowedValues ?? params.pattern ?? params.format ?? params.limit;
      return { location, expected: `${keyword} ${limit}`, got: show(data) };
    }
  }
}

/** "/users/3/links/x" as "$.users[*].links.x": without the indexes of lists. */
function jsonPath(pointer: string): string {
  return `$${pointer
    .replace(/\/\d+(?=\/|$)/g, "[*]")
    .replace(/\//g, ".")
    .replace(/~1/g, "/")}`;
}

function show(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
