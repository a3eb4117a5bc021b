/** A call, as received through one of AWS's gateways. */
export interface GatewayCall {
  readonly method: string;
  /** Header values by lower-case name; repeated ones joined by commas, as in HTTP. */
  readonly headers: ReadonlyMap<string, string>;
  /** Without the question mark. A REST API passes on decoded parameters, which are encoded again. */
  readonly query: string;
  readonly body: string;
  readonly isBase64Encoded: boolean;
  /** The path that was called, with the stage or the base path of a custom domain. */
  readonly path: string;
  /** The path of the route that matched. `undefined` where there are no routes: a Function URL, a load balancer. */
  readonly route: string | undefined;
  /** The host that was called. A load balancer passes on any host that the caller sends. */
  readonly host: string;
  readonly requestId: string | undefined;
  /** Whether the answer's headers must be lists: a load balancer with multi-value headers. */
  readonly wantsLists: boolean;
}

type Values = Readonly<Record<string, unknown>>;
interface Event {
  readonly version?: unknown;
  readonly headers?: Values | null;
  readonly multiValueHeaders?: Values | null;
  readonly queryStringParameters?: Values | null;
  readonly multiValueQueryStringParameters?: Values | null;
  readonly rawPath?: unknown;
  readonly rawQueryString?: unknown;
  readonly routeKey?: unknown;
  readonly path?: unknown;
  readonly httpMethod?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
  readonly requestContext?: {
    readonly http?: { readonly method?: unknown };
    readonly elb?: unknown;
    readonly domainName?: unknown;
    readonly path?: unknown;
    readonly resourcePath?: unknown;
    readonly requestId?: unknown;
  };
}

/**
 * Reads an event of an HTTP API (payload format 1.0 or 2.0), a REST API, a Function URL or a load balancer. Pure.
 *
 * @returns undefined for any other event, such as a schedule's or the console's test button.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export function readGatewayEvent(event: unknown): GatewayCall | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const given = event as Event;
  const context = given.requestContext;
  if (typeof context !== "object" || context === null) return undefined;
  const headers = headersOf(given);
  const common = {
    headers,
    body: textOf(given.body),
    isBase64Encoded: given.isBase64Encoded === true,
    requestId: typeof context.requestId === "string" ? context.requestId : undefined,
    wantsLists: false,
  };
  if (given.version === "2.0" && typeof context.http === "object") {
    const routeKey = textOf(given.routeKey);
    return {
      ...common,
      method: textOf(context.http?.method).toUpperCase(),
      query: textOf(given.rawQueryString),
      path: textOf(given.rawPath),
      route: routeKey.split(" ")[1] ?? (routeKey === "" ? textOf(given.rawPath) : undefined),
      host: textOf(context.domainName),
    };
  }
  if (typeof given.httpMethod !== "string") return undefined;
  const method = given.httpMethod.toUpperCase();
  const isLoadBalancer = typeof context.elb === "object" && context.elb !== null;
  if (isLoadBalancer) {
    const query = pairsOf(given).map(([name, value]) => (value === "" ? name : `${name}=${value}`));
    return {
      ...common,
      method,
      query: query.join("&"),
      path: textOf(given.path),
      route: undefined,
      host: headers.get("host") ?? "",
      wantsLists: typeof given.multiValueHeaders === "object" && given.multiValueHeaders !== null,
    };
  }
  return {
    ...common,
    method,
    query: pairsOf(given)
      .map((pair) => pair.map(encodeURIComponent).join("="))
      .join("&"),
    path: textOf(context.path) || textOf(given.path),
    route: textOf(context.resourcePath) || textOf(given.path),
    host: textOf(context.domainName),
  };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function headersOf({ headers, multiValueHeaders }: Event): Map<string, string> {
  const read = new Map<string, string>();
  for (const [name, value] of Object.entries(multiValueHeaders ?? headers ?? {})) {
    const text = Array.isArray(value) ? value.join(",") : value;
    if (typeof text === "string") read.set(name.toLowerCase(), text);
  }
  return read;
}

function pairsOf({ queryStringParameters, multiValueQueryStringParameters }: Event): [string, string][] {
  return Object.entries(multiValueQueryStringParameters ?? queryStringParameters ?? {}).flatMap(
    ([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, textOf(one)]),
  );
}
