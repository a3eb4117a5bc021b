import { isObject } from "./json.ts";

/**
 * The shape of a response: the paths of all its keys, sorted, without values. Each element of a list has its own
 * shape, since an example may contain one of each kind.
 */
export function shapesOf(body: unknown): string[] {
  if (!isObject(body)) return [""];
  const key = isObject(body.meta) ? body.meta.key : undefined;
  const members = typeof key === "string" ? body[key] : undefined;
  return Array.isArray(members) ? members.map(shapeOf) : [shapeOf(body)];
}

function shapeOf(value: unknown): string {
  return [...new Set(keyPaths(value, ""))].sort().join(" ");
}

function keyPaths(value: unknown, at: string): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => keyPaths(element, `${at}[]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = at === "" ? key : `${at}.${key}`;
    return [path, ...keyPaths(inner, path)];
  });
}

/** The differences of two shapes: "+key" and "-key". */
export function difference(wanted: string, got: string): string {
  const [left, right] = [wanted.split(" "), got.split(" ")];
  return [
    ...left.filter((path) => !right.includes(path)).map((path) => `-${path}`),
    ...right.filter((path) => !left.includes(path)).map((path) => `+${path}`),
  ].join(" ");
}
