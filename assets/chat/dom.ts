import { texts } from "./texts.ts";

/** Attributes by name, omitted when undefined. */
type Attributes = Readonly<Record<string, string | undefined>>;

/** Creates an element. String children become text nodes, never HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Creates a button with a click handler. */
export function button(label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = make("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", press);
  return element;
}

/** The element of index.html with an id and the expected type. @throws if there is none. */
export function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} "${id}"`);
}

/** Makes a list contain these elements. Existing ones are not moved, so that a screen reader reads only new ones. */
export function sync(list: HTMLElement, items: readonly HTMLElement[]): void {
  keepFocus(list, () => {
    const wanted = new Set<Element>(items);
    for (const element of [...list.children]) if (!wanted.has(element)) element.remove();
    items.forEach((item, i) => {
      const there = list.children[i];
      if (there !== item) list.insertBefore(item, there ?? null);
    });
  });
}

/** Changes a part of the page and restores its focus: elements are identified by `data-focus`. */
export function keepFocus(container: HTMLElement, change: () => void): void {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  change();
  if (focused !== null && focused !== document.activeElement) focusAgain(focused);
}

/** Focuses an element, or its replacement after a change of the page. */
function focusAgain(element: Element): void {
  const mark = element.getAttribute("data-focus");
  const now = element.isConnected ? element : document.querySelector(`[data-focus="${mark}"]`);
  if (now instanceof HTMLElement) now.focus();
}

/** Inserts the texts named in `data-text` and `data-label` of index.html. */
export function writeTexts(): void {
  const known = new Map(Object.entries(texts));
  const textOf = (name: string | undefined): string => {
    const text = known.get(name ?? "");
    if (typeof text !== "string") throw new Error(`There is no text "${name}"`);
    return text;
  };
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = textOf(element.dataset.text);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]")) {
    element.setAttribute("aria-label", textOf(element.dataset.label));
  }
}

/** Closes the dialog of {@link ask}, as if the user had canceled. */
export const closeDialog = (): void => part("ask", HTMLDialogElement).close();

/** Prompts for one line of text. Resolves to undefined when the user cancels or enters nothing. */
export function ask(label: string, value = ""): Promise<string | undefined> {
  const dialog = part("ask", HTMLDialogElement);
  const input = part("ask-value", HTMLInputElement);
  const opener = document.activeElement;
  part("ask-label", HTMLSpanElement).textContent = label;
  input.value = value;
  dialog.returnValue = "";
  dialog.showModal();
  input.select();
  part("ask-cancel", HTMLButtonElement).onclick = () => dialog.close();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const answer = input.value.trim();
      if (opener !== null) focusAgain(opener);
      resolve(dialog.returnValue === "ok" && answer !== "" ? answer : undefined);
    };
  });
}
