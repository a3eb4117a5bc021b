import type { Environment } from "../environment.ts";
import { HandlerError, Misconfigured, Unauthenticated } from "../errors.ts";
import type { Request } from "../request.ts";

/**
 * Checks one request's credentials.
 *
 * @returns the verified caller, or `undefined` when the request carries no credentials of this kind.
 * @throws {HandlerError} when it carries credentials of this kind and they are not good.
 */
export type Verify<Caller> = (request: Request) => Promise<Caller | undefined>;

/** Who may call an endpoint. Part of every handler's definition; see {@link access} for how to write one. */
export interface Access<Caller> {
  /** What a caller must bring, for documentation and for the tests that hold functions and template to it. */
  readonly schemes: readonly string[];
  /** Environment variables that the check reads. */
  readonly variables: readonly string[];
  /** What `WWW-Authenticate` asks for in a 401 (RFC 9110, 11.6.1), by the kinds of access that the deployment has set up. */
  challengeIn(environment: Environment): string | undefined;
  /** Whether the deployment has set this kind of access up at all. */
  isConfigured(environment: Environment): boolean;
  /**
   * Reads the settings, once, at cold start.
   * @throws {Misconfigured} naming what is missing.
   */
  open(environment: Environment): Verify<Caller>;
  /** Lets in whoever either rule lets in. A kind of access that the deployment has not set up stays shut. */
  or<Other>(other: Access<Other>): Access<Caller | Other>;
}

/** An access rule as it is written: with its own challenge, if it has one. */
type Rule<Caller> = Omit<Access<Caller>, "or" | "challengeIn"> & { readonly challenge?: string };

/** Makes an access rule from its parts. */
export function access<Caller>({ challenge, ...rule }: Rule<Caller>): Access<Caller> {
  return withOr({
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
    variables: rules.flatMap((rule) => rule.variables),
    isConfigured: (environment) => rules.some((rule) => rule.isConfigured(environment)),
    open(environment) {
      const configured = rules.filter((rule) => rule.isConfigured(environment));
      if (configured.length === 0) {
        throw new Misconfigured(
          `Environment: no kind of access is set up; set one of ${rules.flatMap((rule) => rule.variables).join(", ")}.`,
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
  let refusal: HandlerError | undefined;
  for (const verify of checks) {
    try {
      const caller = await verify(request);
      if (caller !== undefined) return caller;
    } catch (error) {
      if (!(error instanceof HandlerError)) throw error;
      refusal = error;
    }
  }
  if (refusal) throw refusal;
  return undefined;
}

/** The verified caller of a request. @throws {Unauthenticated} when it brought no credentials at all. */
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
