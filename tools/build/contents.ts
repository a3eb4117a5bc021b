import type { Metafile } from "esbuild";
import type { Handler } from "../../core/handler.ts";
import type { Target } from "../../infra/endpoints.ts";

/** The target and the handler of a bundle. */
export interface Purpose {
  readonly target: Target;
  readonly handler: Pick<Handler, "variables" | "access">;
}

/** A dependency that only some bundles need. */
interface Part {
  readonly name: string;
  /** Paths of its modules, and names of Node's modules. */
  readonly modules: RegExp;
  isNeeded(purpose: Purpose): boolean;
}

const reads = ({ handler }: Purpose, ...variables: readonly string[]): boolean =>
  variables.some((variable) => handler.variables.includes(variable));

const PARTS: readonly Part[] = [
  {
    name: "jose, which has a file of its own",
    modules: /\bnode_modules\/jose\//,
    isNeeded: () => false,
  },
  {
    name: "Twilio's resource classes",
    modules: /\bnode_modules\/twilio\//,
    isNeeded: (purpose) => reads(purpose, "ACCOUNT_SID") && reads(purpose, "TWILIO_BASE_URL"),
  },
  {
    name: "Twilio's own HTTP client, or dayjs",
    modules:
      /\bnode_modules\/(axios|https-proxy-agent|qs|dayjs)\/|\/twilio\/lib\/base\/(BaseTwilio|RequestClient)\./,
    isNeeded: () => false,
  },
  { name: "middy", modules: /\bnode_modules\/@middy\//, isNeeded: ({ target }) => target === "lambda" },
  {
    name: "Node's HTTP client",
    modules: /^(node:)?https?$/,
    // On Lambda the secrets are read over HTTP.
    isNeeded: (purpose) =>
      purpose.target !== "twilio" || reads(purpose, "TWILIO_BASE_URL", "JWT_JWKS_URL", "EVENT_QUEUE_URL"),
  },
  {
    name: "AWS's signatures",
    modules: /^core\/aws\//,
    isNeeded: (purpose) => reads(purpose, "EVENT_QUEUE_URL", "POST_EVENT_REACTIONS"),
  },
];

/** The modules of a bundle with their bytes in it, the largest first. */
export function inputsOf({ outputs }: Metafile): readonly (readonly [module: string, bytes: number])[] {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([module, { bytesInOutput }]) => [module, bytesInOutput] as const)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
}

/** Parts of a bundle that its handler cannot need. */
export function straysOf(metafile: Metafile, purpose: Purpose): string[] {
  const built = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const modules = [...inputsOf(metafile).map(([module]) => module), ...built];
  return PARTS.filter((part) => !part.isNeeded(purpose)).flatMap(({ name, modules: pattern }) => {
    const found = modules.find((module) => pattern.test(module));
    return found === undefined ? [] : [`${name} (${found})`];
  });
}
