/** What an element is made with: attributes by name, left out when undefined. */
type Attributes = Readonly<Record<string, string | undefined>>;

/** Makes an element. Children that are strings become text and nothing else. */
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

/** The element that index.html has under an id, of the kind that is expected there. */
export function partOf<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} "${id}"`);
}

/** One element of a list: who it is, what it shows, and how it is made when that is new. */
export interface Item {
  readonly key: string;
  /** Anything that JSON can tell apart. */
  readonly shows: unknown;
  readonly make: () => HTMLElement;
}

const shown = new WeakMap<Element, { readonly key: string; readonly mark: string }>();

/**
 * Makes `container` hold just these items, in this order. What shows the same stays the same element, so that focus,
 * scrolling and unfolded sections stay too; in replaced elements the focus moves to the corresponding element.
 */
export function sync(container: Element, items: readonly Item[]): void {
  const before = new Map([...container.children].map((child) => [shown.get(child)?.key, child]));
  const keys = new Set<string | undefined>(items.map(({ key }) => key));
  // First of all, since what is moved loses the focus.
  for (const [key, child] of before) if (!keys.has(key)) child.remove();
  let place = container.firstElementChild;
  for (const { key, shows, make: makeItem } of items) {
    const mark = JSON.stringify(shows) ?? "";
    const old = before.get(key);
    if (old !== undefined && shown.get(old)?.mark === mark) {
      if (old === place) place = old.nextElementSibling;
      else container.insertBefore(old, place);
      continue;
    }
    const fresh = makeItem();
    shown.set(fresh, { key, mark });
    if (old === place) place = old?.nextElementSibling ?? null;
    container.insertBefore(fresh, place);
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
