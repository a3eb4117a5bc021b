import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** A schema object of OpenAPI 3.0, with references resolved. The name of a referenced schema is in {@link schemaName}. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** The keyword with the reference of a resolved schema. */
export const schemaName = "x-schema-name";

/** The response of an operation for one status. */
export interface ResponseSpec {
  /** Undefined for a response without a body. */
  readonly contentType: string | undefined;
  readonly schema: Schema | undefined;
  readonly examples: ReadonlyMap<string, unknown>;
  readonly headers: readonly string[];
}

/** One operation of a specification. */
export interface OperationSpec {
  /** The first label of the server's host: "conversations". */
  readonly product: string;
  readonly method: string;
  readonly path: string;
  /**
   * The parameters of a request, "query PageSize", "header X-Twilio-Webhook-Enabled" or "body FriendlyName", and the
   * values of enumerations.
   */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  /** The required parameters. */
  readonly required: readonly string[];
  /** The maximum number of members on a page of a list. */
  readonly largestPage: number | undefined;
  readonly responses: ReadonlyMap<number, ResponseSpec>;
}

/** "POST /v1/Conversations": the name of an operation in reports and deviations. */
export function operationName({ method, path }: Pick<OperationSpec, "method" | "path">): string {
  return `${method} ${path}`;
}

/**
 * Reads OpenAPI 3.0 documents: the given files, and every `.json` of directories, only those of `products`, if
 * given. Throws if a file is missing or not an OpenAPI document.
 */
export function readSpecifications(
  paths: readonly string[],
  products?: readonly string[],
): readonly OperationSpec[] {
  const operations = paths.flatMap(filesAt).flatMap(readFile);
  return products === undefined ? operations : operations.filter(({ product }) => products.includes(product));
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => join(path, name));
}

/** The used parts of an OpenAPI document. */
export interface Document extends Schema {
  readonly servers?: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
}

type PathItem = Readonly<Record<string, unknown>> & {
  readonly servers?: readonly { readonly url: string }[];
  readonly parameters?: readonly Parameter[];
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Content {
  readonly [type: string]: { readonly schema?: Schema; readonly examples?: Examples };
}

type Examples = Readonly<Record<string, { readonly value: unknown }>>;

interface RawOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly content?: Content; readonly headers?: Readonly<Record<string, unknown>> }>
  >;
}

const methods = ["get", "post", "put", "patch", "delete"];

function readFile(file: string): readonly OperationSpec[] {
  const document: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isDocument(document)) throw new Error(`${file} is not an OpenAPI document`);
  return operationsOf(document);
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && "openapi" in value && "paths" in value;
}

/** The operations of one OpenAPI document. */
export function operationsOf(document: Document): readonly OperationSpec[] {
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const server = item.servers?.[0]?.url ?? document.servers?.[0]?.url ?? "https://unknown";
    const product = new URL(server).hostname.split(".")[0] ?? "";
    return methods
      .filter((method) => method in item)
      .map((method) => readOperation(document, product, method, path, item));
  });
}

function readOperation(
  document: Schema,
  product: string,
  method: string,
  path: string,
  item: PathItem,
): OperationSpec {
  const raw = item[method] as RawOperation;
  const listed = [...(item.parameters ?? []), ...(raw.parameters ?? [])].filter(
    ({ in: at }) => at !== "path",
  );
  const [request] = Object.values(raw.requestBody?.content ?? {});
  const form = resolve(document, request?.schema ?? {});
  const responses = Object.entries(raw.responses).map(([status, response]): [number, ResponseSpec] => {
    const [contentType, content] = Object.entries(response.content ?? {})[0] ?? [];
    return [
      Number(status),
      {
        contentType,
        schema: content?.schema === undefined ? undefined : resolve(document, content.schema),
        examples: new Map(Object.entries(content?.examples ?? {}).map(([name, { value }]) => [name, value])),
        headers: Object.keys(response.headers ?? {}),
      },
    ];
  });
  return {
    product,
    method: method.toUpperCase(),
    path,
    parameters: new Map([
      ...listed.map(
        ({ in: at, name, schema }): Values => [`${at} ${name}`, enumOf(resolve(document, schema ?? {}))],
      ),
      ...properties(form, 2).map(([name, values]): Values => [`body ${name}`, values]),
    ]),
    required: [
      ...listed.filter(({ required }) => required).map(({ in: at, name }) => `${at} ${name}`),
      ...((form.required ?? []) as string[]).map((name) => `body ${name}`),
    ],
    largestPage: largestPage(listed),
    responses: new Map(responses),
  };
}

function largestPage(parameters: readonly Parameter[]): number | undefined {
  const maximum = parameters.find(({ name }) => name === "PageSize")?.schema?.maximum;
  return typeof maximum === "number" ? maximum : undefined;
}

type Values = [name: string, values: readonly string[]];

/** The properties, and the properties of those, to `depth`: a JSON body has both. */
function properties(schema: Schema, depth: number): Values[] {
  return Object.entries((schema.properties ?? {}) as Record<string, Schema>).flatMap(([name, property]) => {
    const inner = depth > 1 ? properties(property, depth - 1) : [];
    return [
      [name, enumOf(property)],
      ...inner.map(([child, values]): Values => [`${name}.${child}`, values]),
    ];
  });
}

/** The values that a schema, or the elements of a list, may have; none if it is not an enumeration. */
function enumOf({ enum: values, items }: Schema): readonly string[] {
  if (Array.isArray(values)) return values.map(String);
  return typeof items === "object" && items !== null ? enumOf(items as Schema) : [];
}

/** A copy of `node` with every `$ref` replaced by its target. A recursive reference becomes a schema that accepts any value. */
function resolve(document: Schema, node: Schema, inside: readonly string[] = []): Schema {
  const reference = node.$ref;
  if (typeof reference === "string") {
    if (inside.includes(reference)) return {};
    const names = reference.replace(/^#\//, "").split("/");
    const target = names.reduce<Schema>((at, name) => (at?.[name] ?? {}) as Schema, document);
    return { ...resolve(document, target, [...inside, reference]), [schemaName]: reference };
  }
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    return typeof value === "object" && value !== null ? resolve(document, value as Schema, inside) : value;
  };
  return Object.fromEntries(Object.entries(node).map(([keyword, value]) => [keyword, copy(value)]));
}
