import * as v from "valibot";
import { type Access, type Verify, verifyCaller } from "./access/access.ts";
import type { Call } from "./call.ts";
import { corsEntries, corsHeaders } from "./cors.ts";
import {
  type Environment,
  type EnvironmentEntries,
  type EnvironmentOf,
  readEnvironment,
} from "./environment.ts";
import { HandlerError, InvalidInput, Misconfigured, toErrorBody } from "./errors.ts";
import type { FieldRule } from "./field-rules.ts";
import { createLog, type Log, type LogSink, openLog } from "./log.ts";
import { omitUndefined } from "./omit-undefined.ts";
import { emptyFields, type Request, type Response } from "./request.ts";

/** A flat JSON object: what a Studio flow can branch on as `parsed.<name>`. */
export type FlatObject = Readonly<Record<string, string | number | boolean | null>>;

/** An answer with another status than 200, or with text instead of JSON. */
export class Reply<Body extends FlatObject | string = FlatObject | string> {
  readonly status: number;
  readonly body: Body;

  constructor(status: number, body: Body) {
    this.status = status;
    this.body = body;
  }
}

/** Something that a handler uses in every call and that is opened once at cold start, such as an API client or a signer. */
export interface Resource<Value> {
  readonly entries: EnvironmentEntries;
  /** Reads the settings. Returns a function that makes the value for one call. */
  open(environment: Environment): (call: Call, log: Log) => Value;
}

type Resources = Readonly<Record<string, Resource<unknown>>>;
type ValuesOf<Used extends Resources> = {
  readonly [Name in keyof Used]: Used[Name] extends Resource<infer Value> ? Value : never;
};

/** The second argument of `run`. Only `request` contains unvalidated data of the caller. */
export type Context<Caller, Entries extends EnvironmentEntries, Used extends Resources> = ValuesOf<Used> & {
  readonly caller: Caller;
  readonly env: EnvironmentOf<Entries>;
  readonly log: Log;
  readonly call: Call;
  /** See {@link Request.publicBaseUrl}. */
  readonly publicBaseUrl: string | undefined;
  /** The whole request, for handlers that pass it on unchanged. */
  readonly request: Request;
};

/** The definition of an endpoint in its file in `handlers/`. */
export interface Definition<
  Caller,
  Entries extends EnvironmentEntries,
  Used extends Resources,
  Input extends v.GenericSchema,
  Result extends FlatObject | Reply = FlatObject | Reply,
> {
  /** Who may call. There is no endpoint without it. */
  readonly access: Access<Caller>;
  /** Methods besides OPTIONS. POST if omitted. Twilio Functions do not pass on the method, so both GET and POST are accepted there. */
  readonly methods?: readonly ("GET" | "POST")[];
  /** Whether web pages of the origins in `CORS_ORIGINS` may call. */
  readonly cors?: boolean;
  /** Environment variables that `run` reads. */
  readonly env?: Entries;
  /** Resources that `run` uses, by their name in the context. */
  readonly use?: Used;
  /** The schema of the fields. An empty text counts as absent: a flow cannot omit a field that has no value. */
  readonly input: Input;
  /** Fields that must not be empty, because omitting them means something else. */
  readonly refuseEmpty?: readonly string[];
  /**
   * What to answer a request whose credentials are rejected; `undefined` for the error. For a webhook whose error would have
   * consequences at Twilio.
   */
  onRejected?(
    error: unknown,
    context: { readonly env: EnvironmentOf<Entries>; readonly log: Log },
  ): FlatObject | undefined;
  /** Whether the caller may repeat a call whose outcome is unknown, because the repeated call finds what the first has done. */
  readonly mayBeRepeated?: (input: v.InferOutput<Input>) => boolean;
  /** Takes validated input and returns a flat object for 200, or a {@link Reply}. Throws a {@link HandlerError}. */
  run(input: v.InferOutput<Input>, context: Context<Caller, Entries, Used>): Promise<Result>;
}

/** The body of what `run` returns. */
type BodyOf<Result> = Result extends Reply<infer Body> ? Body : Result;

/** A handler whose environment has been read. It answers any number of calls. */
export interface OpenHandler {
  /** Never throws: a failure becomes an answer and a line in the log. */
  answer(request: Request, call: Call): Promise<Response>;
  /** Answers a request that could not be read. */
  fail(error: unknown, call: Call, origin?: string): Response;
}

/** An endpoint for the platforms' adapters. `Output` is the body of its successful answers. */
export interface Handler<Output = unknown> {
  /** Never set: it only carries the type. */
  readonly output?: Output;
  /** The schema of the fields. */
  readonly input: v.GenericSchema;
  readonly methods: readonly string[];
  readonly cors: boolean;
  readonly access: Pick<Access<unknown>, "schemes" | "entries">;
  /** The environment variables that the endpoint may read, each with its schema. Parts of a handler may read the same one. */
  readonly entries: readonly EnvironmentEntries[];
  /** Their names. */
  readonly variables: readonly string[];
  /**
   * Reads the environment, at cold start.
   * @throws {Misconfigured} naming every variable that is missing or wrong.
   */
  open(environment: Environment, sink: LogSink, name: string): OpenHandler;
}

const SECRET_VARIABLE = /TOKEN|SECRET|PASSWORD|USERS|WEBHOOK_KEYS$/;
const SHORTEST_SECRET = 8;

/** Makes an endpoint from its definition. */
export function defineHandler<
  Caller,
  Entries extends EnvironmentEntries = Record<never, never>,
  Used extends Resources = Record<never, never>,
  Input extends v.GenericSchema = v.GenericSchema,
  Result extends FlatObject | Reply = FlatObject | Reply,
>(definition: Definition<Caller, Entries, Used, Input, Result>): Handler<BodyOf<Result>> {
  const methods = definition.methods ?? ["POST"];
  const cors = definition.cors ?? false;
  const resources = Object.entries<Resource<unknown>>(definition.use ?? {});
  const entries = [
    definition.access.entries,
    definition.env ?? {},
    ...resources.map(([, resource]) => resource.entries),
    ...(cors ? [corsEntries] : []),
  ];
  const variables = entries.flatMap((one) => Object.keys(one));

  function open(environment: Environment, sink: LogSink, name: string): OpenHandler {
    try {
      return openParts(environment, sink, name);
    } catch (error) {
      const own = { open: (env: Environment) => readEnvironment(definition.env ?? {}, env) };
      const parts = [definition.access, own, ...resources.map(([, resource]) => resource)];
      const problems = new Set(parts.flatMap((part) => problemsOf(part, environment)));
      throw problems.size > 1 ? new Misconfigured(`Environment: ${[...problems].join("; ")}.`) : error;
    }
  }

  function openParts(environment: Environment, sink: LogSink, name: string): OpenHandler {
    const verify = definition.access.open(environment);
    const challenge = definition.access.challengeIn(environment);
    const env = readEnvironment(definition.env ?? ({} as Entries), environment);
    const origins = cors ? readEnvironment(corsEntries, environment).CORS_ORIGINS : [];
    const opened = resources.map(([key, resource]) => [key, resource.open(environment)] as const);
    const createLogOf = openLog(sink, secretsOf(variables, environment));
    const logOf = (call: Call) => createLogOf({ requestId: call.requestId, handler: name });
    const verifyNoting =
      (call: Call): Verify<Caller> =>
      (request) =>
        verify(request).catch((error: unknown) => {
          call.noteRefusal();
          throw error;
        });

    async function respond(request: Request, call: Call, log: Log): Promise<Response> {
      if (request.method === "OPTIONS") return { status: 204, headers: {}, body: "" };
      if (request.method !== undefined && !methods.some((method) => method === request.method)) {
        throw new MethodNotAllowed(request.method, methods);
      }
      let caller: Caller;
      try {
        caller = await verifyCaller(verifyNoting(call), request, definition.access.schemes);
      } catch (error) {
        const instead = definition.onRejected?.(error, { env, log });
        if (instead === undefined) throw error;
        return render(200, instead);
      }
      const input = readInput(definition.input, request.fields, definition.refuseEmpty);
      call.mayBeRepeated = definition.mayBeRepeated?.(input) ?? false;
      const values = Object.fromEntries(opened.map(([key, of]) => [key, of(call, log)])) as ValuesOf<Used>;
      const result = await definition.run(input, {
        ...values,
        caller,
        env,
        log,
        call,
        publicBaseUrl: request.publicBaseUrl,
        request,
      });
      const reply = result instanceof Reply ? result : new Reply(200, result);
      return render(reply.status, reply.body);
    }

    const corsOf = (origin: string | undefined, isPreflight = false) =>
      cors ? corsHeaders(origins, origin, isPreflight) : {};

    function fail(error: unknown, call: Call, origin?: string): Response {
      const response = failure(error, call, logOf(call), challenge);
      return { ...response, headers: { ...response.headers, ...corsOf(origin) } };
    }

    async function answer(request: Request, call: Call): Promise<Response> {
      const log = logOf(call);
      const startedAt = Date.now();
      const response = await respond(request, call, log).catch((error: unknown) =>
        failure(error, call, log, challenge),
      );
      log.info("answered", {
        method: request.method,
        status: response.status,
        durationMs: Date.now() - startedAt,
      });
      const isPreflight = request.method === "OPTIONS";
      const extra = corsOf(request.headers.get("origin"), isPreflight);
      return { ...response, headers: { ...response.headers, ...extra, "X-Request-Id": call.requestId } };
    }

    return { answer, fail };
  }

  const { access, input } = definition;
  return { methods, cors, access, input, entries, variables, open };
}

/** What a part reports as missing or wrong. Each reports only its own, and the log should name all. */
function problemsOf(part: { open(environment: Environment): unknown }, environment: Environment): string[] {
  try {
    part.open(environment);
    return [];
  } catch (error) {
    return String((error as Error).message)
      .replace(/^Environment: |\.$/g, "")
      .split("; ");
  }
}

/** 405: the endpoint does not support this method. */
class MethodNotAllowed extends HandlerError {
  readonly allowed: readonly string[];

  constructor(method: string, allowed: readonly string[]) {
    super(405, "method_not_allowed", `Use ${allowed.join(" or ")}, not ${method}.`);
    this.allowed = allowed;
  }
}

function failure(error: unknown, call: Call, log: Log, challenge = "Bearer"): Response {
  const { status, body } = toErrorBody(error, call.requestId);
  if (status >= 500) {
    log.error("failed", { status, error });
  } else {
    const cause = error instanceof Error ? error.cause : undefined;
    log.warn("refused", { status, code: body.code, reason: body.message, field: body.field, cause });
  }
  const response = render(status, { ...body });
  return {
    ...response,
    headers: { ...response.headers, "X-Request-Id": call.requestId, ...errorHeaders(error, challenge) },
  };
}

function errorHeaders(error: unknown, challenge: string): Record<string, string> {
  if (error instanceof MethodNotAllowed) return { Allow: error.allowed.join(", ") };
  if (!(error instanceof HandlerError)) return {};
  if (error.status === 401) return { "WWW-Authenticate": challenge };
  return error.retryAfter === undefined ? {} : { "Retry-After": String(error.retryAfter) };
}

/**
 * No answer may be cached: they hold tokens, consent and states. JSON has no charset parameter (RFC 8259, 11), and Studio
 * parses only what is exactly `application/json`.
 */
function render(status: number, body: FlatObject | string): Response {
  const isText = typeof body === "string";
  return {
    status,
    headers: {
      "Content-Type": isText ? "text/plain; charset=utf-8" : "application/json",
      "Cache-Control": "no-store",
    },
    body,
  };
}

/** Answers a call to a handler that could not be opened, and logs what is missing. */
export function answerUnopened(error: unknown, call: Call, sink: LogSink, name: string): Response {
  return failure(error, call, createLog(sink, { requestId: call.requestId, handler: name }));
}

function withoutEmpty(fields: Request["fields"], refused: readonly string[]): Request["fields"] {
  if (!Object.values(fields).includes("")) return fields;
  const given = emptyFields();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== "") given[name] = value;
    else if (refused.includes(name)) {
      throw new InvalidInput(`${name} is empty. Omit it if that is what you want.`, { field: name });
    }
  }
  return given;
}

function readInput<Input extends v.GenericSchema>(
  schema: Input,
  fields: Request["fields"],
  refused: readonly string[] = [],
): v.InferOutput<Input> {
  const read = v.safeParse(schema, withoutEmpty(fields, refused), { abortPipeEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  const field = v.getDotPath(issue) ?? undefined;
  const rule = ruleOf(issue);
  const message = rule === undefined ? describeIssue(issue, field) : issue.message;
  throw new InvalidInput(
    message + aboutEmpty(fields, rule?.fields ?? [field ?? ""]),
    omitUndefined({ field, code: rule?.code }),
  );
}

/** Says why a field that was given counts as missing. */
const aboutEmpty = (given: Request["fields"], names: readonly string[]): string =>
  names.map((name) => (given[name] === "" ? ` An empty ${name} counts as not given.` : "")).join("");

/** The rule about several fields that an issue violates. */
function ruleOf({ requirement }: { readonly requirement?: unknown }): FieldRule | undefined {
  return isRule(requirement) ? requirement : undefined;
}

const isRule = (requirement: unknown): requirement is FieldRule =>
  typeof requirement === "function" && "kind" in requirement;

function describeIssue(issue: v.BaseIssue<unknown>, field: string | undefined): string {
  if (field === undefined) return issue.message;
  if (issue.expected === "never") return `${field} is not a field of this endpoint. Check its spelling.`;
  if (issue.received === "undefined") return `${field} is missing.`;
  // A form's repeated field, or a JSON list.
  const { input } = issue;
  const isRepeated =
    Array.isArray(input) && input.length > 1 && input.every((one) => typeof one === "string");
  return `${field} ${issue.message}${isRepeated ? `. Give one value, not ${input.length}.` : ""}`;
}

function secretsOf(variables: readonly string[], environment: Environment): string[] {
  const secrets: string[] = [];
  for (const name of variables) {
    const value = environment[name];
    if (SECRET_VARIABLE.test(name) && typeof value === "string" && value.length >= SHORTEST_SECRET)
      secrets.push(...value.split(/[,:]/).filter((part) => part.length >= SHORTEST_SECRET), value);
  }
  return secrets;
}
