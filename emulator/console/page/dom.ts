/** Attributes of an element by name; undefined ones are omitted. */
type Attributes = Readonly<Record<string, string | undefined>>;

/** Makes an element. Strings become text nodes. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The element with an id. Throws if it is of another class. */
export function partOf<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} "${id}"`);
}

/** One element of a list: its key, its data, and the function that creates it when the data has changed. */
export interface Item {
  readonly key: string;
  /** Compared as JSON. */
  readonly shows: unknown;
  readonly make: () => HTMLElement;
}

const shown = new WeakMap<Element, { readonly key: string; readonly mark: string }>();

/**
 * Updates `container` to these items, in this order. Unchanged items keep their elements, with focus, scroll position
 * and expanded sections; in replaced elements the focus moves to the corresponding element.
 */
export function sync(container: Element, items: readonly Item[]): void {
  const before = new Map([...container.children].map((child) => [shown.get(child)?.key, child]));
  const keys = new Set<string | undefined>(items.map(({ key }) => key));
  // Read first, since moved elements lose the focus.
  for (const [key, child] of before) if (!keys.has(key)) child.remove();
  let position = container.firstElementChild;
  for (const { key, shows, make: makeItem } of items) {
    const mark = JSON.stringify(shows) ?? "";
    const old = before.get(key);
    if (old !== undefined && shown.get(old)?.mark === mark) {
      if (old === position) position = old.nextElementSibling;
      else container.insertBefore(old, position);
      continue;
    }
    const fresh = makeItem();
    shown.set(fresh, { key, mark });
    if (old === position) position = old?.nextElementSibling ?? null;
    container.insertBefore(fresh, position);
    if (old !== undefined) replaced(old, fresh);
  }
}

function replaced(old: Element, fresh: Element): void {
  const index = focusable(old).indexOf(document.activeElement ?? old);
  old.remove();
  const next = focusable(fresh)[index];
  if (next instanceof HTMLElement) next.focus({ preventScroll: true });
}

function focusable(element: Element): Element[] {
  return [
    element,
    ...element.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]"),
  ];
}
