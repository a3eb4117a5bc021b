/** The result of matching a request. */
export type Match<Handler> =
  | { readonly found: "route"; readonly handler: Handler; readonly params: ReadonlyMap<string, string> }
  | { readonly found: "path"; readonly allowed: readonly string[] }
  | { readonly found: "nothing" };

interface Node<Handler> {
  readonly children: Map<string, Node<Handler>>;
  wildcard: Node<Handler> | undefined;
  readonly routes: Map<string, { readonly handler: Handler; readonly names: readonly string[] }>;
}

/**
 * Routes as a tree of path segments, compiled from templates such as "/v1/Conversations/{Sid}". A fixed segment
 * has precedence over a parameter; the names of parameters belong to the route, so that two routes may have different
 * names for the same segment.
 */
export class Router<Handler> {
  readonly #root: Node<Handler> = emptyNode();

  add(method: string, template: string, handler: Handler): void {
    const names: string[] = [];
    let node = this.#root;
    for (const segment of segments(template)) {
      if (segment.startsWith("{")) {
        names.push(segment.slice(1, -1));
        node.wildcard ??= emptyNode();
        node = node.wildcard;
      } else {
        const child = node.children.get(segment) ?? emptyNode<Handler>();
        node.children.set(segment, child);
        node = child;
      }
    }
    node.routes.set(method, { handler, names });
  }

  match(method: string, path: string): Match<Handler> {
    const values: string[] = [];
    const node = descend(this.#root, segments(path), 0, values);
    if (node === undefined) return { found: "nothing" };
    const route = node.routes.get(method);
    if (route === undefined) return { found: "path", allowed: [...node.routes.keys()] };
    const params = new Map(route.names.map((name, i) => [name, values[i] ?? ""]));
    return { found: "route", handler: route.handler, params };
  }
}

/** Finds the node of a path; a fixed segment takes precedence over a parameter. */
function descend<Handler>(
  node: Node<Handler>,
  path: readonly string[],
  depth: number,
  values: string[],
): Node<Handler> | undefined {
  const segment = path[depth];
  if (segment === undefined) return node.routes.size > 0 ? node : undefined;
  const child = node.children.get(segment);
  const fixed = child === undefined ? undefined : descend(child, path, depth + 1, values);
  if (fixed !== undefined) return fixed;
  const value = decodeSegment(segment);
  if (node.wildcard === undefined || value === undefined || value === "") return undefined;
  values.push(value);
  const found = descend(node.wildcard, path, depth + 1, values);
  if (found === undefined) values.pop();
  return found;
}

function emptyNode<Handler>(): Node<Handler> {
  return { children: new Map(), wildcard: undefined, routes: new Map() };
}

function segments(path: string): string[] {
  return path.split("/").slice(1);
}

function decodeSegment(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
