/** A mistake in a seed. The message begins with the path of what is wrong: "conversations[0].sid: …". */
export class SeedError extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(path === "" ? reason : `${path}: ${reason}`);
    this.name = "SeedError";
    this.path = path;
  }
}

/**
 * How a field is written, and how it becomes a parameter: `json` takes text, or any JSON to be written as text.
 * `object` and `items` (a list of anything) stay as they are.
 */
export type FieldType = "text" | "json" | "list" | "number" | "flag" | "object" | "items";

/** The fields of a kind of object; nested ones are joined with dots. */
export interface Fields {
  readonly [name: string]: FieldType | Fields;
}

/** A kind of object with a SID. */
export interface Kind {
  readonly prefixes: readonly string[];
  readonly fields: Fields;
  readonly children: Readonly<Record<string, Kind>>;
}

/** An object of a seed that was found to be well-formed. */
export interface Item {
  readonly path: string;
  readonly sid: string | undefined;
  /** Values by the names of Twilio's parameters, in the order of the kind's fields. */
  readonly parameters: readonly [name: string, value: string][];
  /** Fields of the type `object`, as they are. */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  /** A field of the type `items`, as it is; empty when it is missing. */
  items(name: string): readonly unknown[];
  children(name: string): readonly Item[];
}

/** Reads an object of a kind, or throws a {@link SeedError}. `sids` are those that are taken. */
export function readItem(value: unknown, path: string, kind: Kind, sids: Set<string>): Item {
  const own = kind.prefixes.length === 0 ? [] : ["sid"];
  const known = [...own, ...Object.keys(kind.fields), ...Object.keys(kind.children)];
  const entries = readEntries(value, path, known);
  const sid = readSid(entries.get("sid"), at(path, "sid"), kind.prefixes, sids);
  const parameters: [string, string][] = [];
  const objects = new Map<string, ReadonlyMap<string, unknown>>();
  readFields(entries, path, "", kind.fields, parameters, objects);
  const children = new Map(
    Object.entries(kind.children).map(([name, child]) => [
      name,
      readList(entries.get(name), at(path, name)).map((item, i) =>
        readItem(item, `${at(path, name)}[${i}]`, child, sids),
      ),
    ]),
  );
  const items = (name: string) => readList(entries.get(name), at(path, name));
  return { path, sid, parameters, objects, items, children: (name) => children.get(name) ?? [] };
}

function readFields(
  entries: ReadonlyMap<string, unknown>,
  path: string,
  prefix: string,
  fields: Fields,
  parameters: [string, string][],
  objects: Map<string, ReadonlyMap<string, unknown>>,
): void {
  for (const [name, type] of Object.entries(fields)) {
    const value = entries.get(name);
    if (value === undefined || type === "items") continue;
    const parameter = `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const place = at(path, name);
    if (type === "object") objects.set(name, readEntries(value, place, undefined));
    else if (type === "list") {
      for (const [i, text] of readList(value, place).entries())
        parameters.push([parameter, readText(text, `${place}[${i}]`)]);
    } else if (typeof type === "string") parameters.push([parameter, readValue(value, place, type)]);
    else
      readFields(
        readEntries(value, place, Object.keys(type)),
        place,
        `${parameter}.`,
        type,
        parameters,
        objects,
      );
  }
}

function readValue(value: unknown, path: string, type: "text" | "json" | "number" | "flag"): string {
  if (type === "json" && typeof value !== "string") return JSON.stringify(value);
  if (type === "text" || type === "json") return readText(value, path);
  if (typeof value === (type === "flag" ? "boolean" : "number")) return String(value);
  throw new SeedError(path, type === "flag" ? "must be true or false" : "must be a number");
}

function readText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw new SeedError(path, "must be text");
}

function readList(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new SeedError(path, "must be a list");
}

/** The entries of an object, with none but the known names where these are given. */
function readEntries(
  value: unknown,
  path: string,
  known: readonly string[] | undefined,
): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SeedError(path, "must be a JSON object");
  const entries = new Map(Object.entries(value));
  const stranger = [...entries.keys()].find((name) => known !== undefined && !known.includes(name));
  if (stranger === undefined) return entries;
  throw new SeedError(at(path, stranger), `unknown field; known are ${known?.join(", ")}`);
}

function readSid(
  value: unknown,
  path: string,
  prefixes: readonly string[],
  sids: Set<string>,
): string | undefined {
  if (value === undefined) return undefined;
  const sid = readText(value, path);
  if (!prefixes.includes(sid.slice(0, 2)) || !/^[0-9a-f]{32}$/.test(sid.slice(2)))
    throw new SeedError(path, `must be ${prefixes.join(" or ")} and 32 hexadecimal digits`);
  if (sids.has(sid)) throw new SeedError(path, `${sid} is there twice`);
  sids.add(sid);
  return sid;
}

function at(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
