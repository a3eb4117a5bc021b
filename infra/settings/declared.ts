import { readFileSync } from "node:fs";
import type * as v from "valibot";
import { switchVariable, urlVariable } from "../../core/environment.ts";
import { endpoints, handlerOf } from "../endpoints.ts";
import { parametersOf } from "../template/parameters.ts";
import { templateFile } from "../template/template.ts";

/** A variable that some endpoint reads, all of them or the AWS template. */
export interface Declared {
  /** Its schemas: handlers that read the same variable may read different parts of it. */
  readonly schemas: readonly v.GenericSchema[];
  /**
   * `secret`: only a variable. `setting`: also in `settings.json`. `parameter`: of the AWS template, read by no endpoint.
   * `internal`: set by the platform, or for local runs only.
   */
  readonly kind: "secret" | "setting" | "parameter" | "internal";
  readonly description: string;
}

/** Variables that only the deployment reads. */
export const OF_DEPLOYMENT = { INDEX_PAGE: switchVariable() };

/** Read by the adapters, for every endpoint. */
export const OF_ADAPTERS = "PUBLIC_BASE_URL";

/** Every variable that endpoints read, and every parameter of the AWS template, by name. Secret are those that the AWS template takes from the secret. */
export async function declaredVariables(): Promise<ReadonlyMap<string, Declared>> {
  const parameters = parametersOf(readFileSync(templateFile, "utf8"));
  const inSecret = parameters.find(({ name }) => name === "SecretArn")?.description ?? "";
  const schemas = new Map<string, Set<v.GenericSchema>>(
    Object.entries({ [OF_ADAPTERS]: urlVariable(), ...OF_DEPLOYMENT }).map(([name, schema]) => [
      name,
      new Set([schema]),
    ]),
  );
  for (const { entries } of await Promise.all(endpoints().map(handlerOf)))
    for (const [name, schema] of entries.flatMap((one) => Object.entries(one)))
      schemas.set(name, (schemas.get(name) ?? new Set()).add(schema));
  const others = parameters.filter(({ variable }) => !schemas.has(variable));
  return new Map([
    ...others.map(({ variable, description }): [string, Declared] => [
      variable,
      { schemas: [], kind: "parameter", description },
    ]),
    ...[...schemas].map(([name, set]): [string, Declared] => {
      const parameter = parameters.find(({ variable }) => variable === name);
      const isSecret = new RegExp(`\\b${name}\\b`).test(inSecret);
      const kind = isSecret ? "secret" : parameter === undefined ? "internal" : "setting";
      return [name, { schemas: [...set], kind, description: parameter?.description ?? "" }];
    }),
  ]);
}
