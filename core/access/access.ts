import type { Environment, EnvironmentEntries } from "../environment.ts";
import { HandlerError, Misconfigured, Unauthenticated } from "../errors.ts";
import type { Request } from "../request.ts";

/**
 * Checks one request's credentials.
 *
 * @returns the verified caller, or `undefined` when the request carries no credentials of this kind.
 * @throws {HandlerError} when it carries credentials of this kind that are invalid.
 */
export type Verify<Caller> = (request: Request) => Promise<Caller | undefined>;

/** Who may call an endpoint. Part of every handler's definition; see {@link access} for how to write one. */
export interface Access<Caller> {
  /** Names of the accepted credentials, for the documentation and the tests of functions and template. */
  readonly schemes: readonly string[];
  /** The environment variables that the check reads, each with its schema. */
  readonly entries: EnvironmentEntries;
  /** What enables it, for error messages: a variable, or several that are needed together. */
  readonly enabledBy: readonly string[];
  /** The value of `WWW-Authenticate` in a 401 (RFC 9110, 11.6.1) for the kinds of access that are configured. */
  challengeIn(environment: Environment): string | undefined;
  /** Whether the environment configures this kind of access. */
  isConfigured(environment: Environment): boolean;
  /**
   * Reads the settings once, at cold start.
   * @throws {Misconfigured} naming the missing variable.
   */
  open(environment: Environment): Verify<Caller>;
  /** Accepts a caller that either rule accepts. A kind of access that is not configured accepts none. */
  or<Other>(other: Access<Other>): Access<Caller | Other>;
}

/** The parts of an access rule, with its challenge, if it has one. */
type Rule<Caller> = Omit<Access<Caller>, "or" | "challengeIn" | "enabledBy"> & {
  readonly challenge?: string;
  /** The names of all `entries` if omitted. */
  readonly enabledBy?: readonly string[];
};

/** Makes an access rule from its parts. */
export function access<Caller>({ challenge, ...rule }: Rule<Caller>): Access<Caller> {
  return withOr({
    enabledBy: Object.keys(rule.entries),
    ...rule,
    challengeIn: (environment) => (rule.isConfigured(environment) ? challenge : undefined),
  });
}

function withOr<Caller>(rule: Omit<Access<Caller>, "or">): Access<Caller> {
  return { ...rule, or: <Other>(other: Access<Other>) => either<Caller | Other>([withOr(rule), other]) };
}

function either<Caller>(rules: readonly Access<Caller>[]): Access<Caller> {
  return withOr<Caller>({
    challengeIn: (environment) =>
      rules.flatMap((rule) => rule.challengeIn(environment) ?? []).join(", ") || undefined,
    schemes: rules.flatMap((rule) => rule.schemes),
    entries: Object.assign({}, ...rules.map((rule) => rule.entries)),
    enabledBy: rules.flatMap((rule) => rule.enabledBy),
    isConfigured: (environment) => rules.some((rule) => rule.isConfigured(environment)),
    open(environment) {
      const configured = rules.filter((rule) => rule.isConfigured(environment));
      if (configured.length === 0) {
        throw new Misconfigured(
          `Environment: no kind of access is set up: set ${rules.flatMap((rule) => rule.enabledBy).join(", or ")}.`,
        );
      }
      const checks = configured.map((rule) => rule.open(environment));
      return (request) => firstToVerify(checks, request);
    },
  });
}

async function firstToVerify<Caller>(
  checks: readonly Verify<Caller>[],
  request: Request,
): Promise<Caller | undefined> {
  let rejection: HandlerError | undefined;
  for (const verify of checks) {
    try {
      const caller = await verify(request);
      if (caller !== undefined) return caller;
    } catch (error) {
      if (!(error instanceof HandlerError)) throw error;
      rejection = error;
    }
  }
  if (rejection) throw rejection;
  return undefined;
}

/** This deployment, which continues a call that it has verified before. */
export interface QueueCaller {
  readonly kind: "queue";
}

/** The same rule, which also accepts the requests that this deployment has put into its own queue. */
export function alsoFromQueue<Caller>(rule: Access<Caller>): Access<Caller | QueueCaller> {
  return withOr<Caller | QueueCaller>({
    ...rule,
    open(environment) {
      const verify = rule.open(environment);
      return async (request) => (request.isVerified ? { kind: "queue" } : verify(request));
    },
  });
}

/** Returns the verified caller of a request. @throws {Unauthenticated} when it carries no credentials. */
export async function verifyCaller<Caller>(
  verify: Verify<Caller>,
  request: Request,
  schemes: readonly string[],
): Promise<Caller> {
  const caller = await verify(request);
  if (caller === undefined)
    throw new Unauthenticated(`This endpoint needs credentials: ${schemes.join(" or ")}.`);
  return caller;
}
