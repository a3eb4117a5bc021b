import { join } from "node:path";
import type { Node } from "typescript/unstable/ast";
import {
  isCallExpression,
  isExportAssignment,
  isObjectLiteralExpression,
  isPropertyAssignment,
} from "typescript/unstable/ast/is";
import {
  API,
  type Checker,
  type Project,
  type TemplateLiteralType,
  type Type,
  TypeFlags,
} from "typescript/unstable/sync";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { type Endpoint, root } from "../../infra/endpoints.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The types and comments of a handler's file, which are not part of the bundles. */
export interface Source {
  /** The handler's doc comment. */
  readonly comment: string;
  /** The comments on the fields of its input, by field. */
  readonly fieldComments: ReadonlyMap<string, string>;
  readonly output: Output;
}

/** The successful answer of an endpoint: JSON with the fields of its type, any flat JSON, or text. */
export type Output =
  | { readonly kind: "fields"; readonly fields: readonly OutputField[] }
  | { readonly kind: "flat" }
  | { readonly kind: "text" };

/** One field of an answer. */
export interface OutputField {
  readonly name: string;
  readonly schema: JsonSchema;
  /** Whether every answer has it. */
  readonly isAlwaysThere: boolean;
  readonly comment: string;
}

/** The result of {@link readSources}. */
export interface Sources {
  readonly byName: ReadonlyMap<string, Source>;
  /** The fields of a failure's body. */
  readonly error: readonly OutputField[];
}

/**
 * Reads the sources of endpoints with TypeScript's own type checker, through the API that it calls unstable: its version is
 * pinned, and the tests of the reference fail if it changes.
 *
 * @throws if a handler's file does not have the usual form.
 */
export function readSources(endpoints: readonly Endpoint[]): Sources {
  const api = new API({ cwd: root });
  try {
    const openProject = join(root, "tools/reference/handlers.tsconfig.json");
    const [project] = api.updateSnapshot({ openProject }).getProjects();
    if (project === undefined) throw new Error(`${openProject} is not a project.`);
    const sources = endpoints.map((endpoint) => [endpoint.name, readSource(project, endpoint)] as const);
    return { byName: new Map(sources), error: readErrorBody(project) };
  } finally {
    api.close();
  }
}

function readSource(project: Project, { handlerFile }: Endpoint): Source {
  const { checker } = project;
  const handler = exportOf(project, handlerFile, "default");
  const type = checker.getTypeOfSymbol(handler);
  const [output] = type?.isTypeReference() ? checker.getTypeArguments(type) : [];
  if (output === undefined) throw new Error(`${handlerFile} exports no handler by default.`);
  return {
    comment: checker.getDocumentationCommentOfSymbol(handler),
    fieldComments: readFieldComments(project, handlerFile),
    output: readOutput(checker, output),
  };
}

function exportOf({ checker, program }: Project, file: string, name: string) {
  const source = program.getSourceFile(join(root, file));
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name);
  if (symbol === undefined) throw new Error(`${file} exports no ${name}.`);
  return symbol;
}

/** The comments on the entries of the definition's `input`. */
function readFieldComments({ checker, program }: Project, file: string): ReadonlyMap<string, string> {
  const statements: readonly Node[] = program.getSourceFile(join(root, file))?.statements ?? [];
  const call = statements.find(isExportAssignment)?.expression;
  const definition = call && isCallExpression(call) ? call.arguments[0] : undefined;
  if (definition === undefined || !isObjectLiteralExpression(definition)) {
    throw new Error(`${file} does not export defineHandler({ … }).`);
  }
  const input = definition.properties
    .filter(isPropertyAssignment)
    .find(({ name }) => name.getText() === "input");
  const schema = input && checker.getTypeAtLocation(input.initializer);
  const entries = schema && checker.getPropertyOfType(schema, "entries");
  const type = entries && checker.getTypeOfSymbol(entries);
  if (type === undefined) throw new Error(`${file}: the definition's input must be an object schema.`);
  return new Map(
    checker
      .getPropertiesOfType(type)
      .map((field) => [field.name, oneLine(checker.getDocumentationCommentOfSymbol(field))]),
  );
}

function readErrorBody(project: Project): OutputField[] {
  const type = project.checker.getDeclaredTypeOfSymbol(exportOf(project, "core/errors.ts", "ErrorBody"));
  return readFields(project.checker, [type]);
}

function readOutput(checker: Checker, type: Type): Output {
  const variants = type.isUnionType() ? type.getTypes() : [type];
  const objects = variants.filter((variant) => (variant.flags & TypeFlags.String) === 0);
  if (objects.length === 0) return { kind: "text" };
  const isNamed = objects.every((variant) => checker.getIndexInfosOfType(variant).length === 0);
  return isNamed ? { kind: "fields", fields: readFields(checker, objects) } : { kind: "flat" };
}

/** The fields of all variants of an answer: first `status` and `conversationSid`, then those that are always there. */
function readFields(checker: Checker, variants: readonly Type[]): OutputField[] {
  const shapes = variants.map((variant) => checker.getPropertiesOfType(variant));
  const byLength = [...shapes].sort((a, b) => b.length - a.length);
  const names = [...new Set(byLength.flat().map(({ name }) => name))];
  const fields = names.map((name) => {
    const properties = shapes.map((shape) => shape.find((property) => property.name === name));
    const there = properties.filter((property) => property !== undefined);
    const types = there.flatMap((property) => partsOf(checker.getTypeOfSymbol(property)));
    const comments = there.map((property) => oneLine(checker.getDocumentationCommentOfSymbol(property)));
    const isOptional = types.some(({ flags }) => (flags & TypeFlags.Undefined) !== 0);
    return {
      name,
      schema: schemaOf(name, types),
      isAlwaysThere: there.length === shapes.length && !isOptional,
      comment: comments.find((comment) => comment !== "") ?? "",
    };
  });
  return fields.sort((a, b) => rankOf(a) - rankOf(b));
}

function rankOf({ name, isAlwaysThere }: OutputField): number {
  const rank = ["status", "conversationSid"].indexOf(name);
  if (rank !== -1) return rank;
  return isAlwaysThere ? 2 : 3;
}

const partsOf = (type: Type | undefined): readonly Type[] => {
  if (type === undefined) return [];
  return type.isUnionType() ? type.getTypes() : [type];
};

const KINDS = [
  ["string", TypeFlags.String],
  ["number", TypeFlags.Number],
  ["boolean", TypeFlags.BooleanLike],
  ["null", TypeFlags.Null],
] as const;

function schemaOf(name: string, types: readonly Type[]): JsonSchema {
  const literals = types.flatMap((type) => (type.isStringLiteralType() ? [type.value] : []));
  const patterns = types.flatMap((type) => (type.isTemplateLiteralType() ? [patternOf(type)] : []));
  const kinds = KINDS.flatMap(([kind, flag]) =>
    types.some(({ flags }) => (flags & flag) !== 0) ? [kind] : [],
  );
  if (literals.length > 0 && kinds.length === 0)
    return { type: "string", enum: [...new Set(literals)].sort() };
  const all = literals.length + patterns.length > 0 ? [...new Set(["string", ...kinds])] : kinds;
  if (all.length === 0)
    throw new Error(`The field ${name} of an answer has a type that JSON does not support.`);
  const [pattern, ...others] = [...new Set(patterns)];
  const isOfPattern = pattern !== undefined && others.length + literals.length === 0;
  return omitUndefined({
    type: all.length === 1 ? (all[0] ?? "") : all,
    pattern: isOfPattern && !kinds.includes("string") ? pattern : undefined,
  });
}

/** A template-literal type is a SID with its prefix. */
const patternOf = ({ texts }: TemplateLiteralType): string => `^${texts[0]}[0-9a-fA-F]{32}$`;

const oneLine = (comment: string): string => comment.replace(/\s*\n\s*/g, " ").trim();
