import { texts } from "./texts.ts";

/** Attributes by name, left out when undefined. */
type Attributes = Readonly<Record<string, string | undefined>>;

/** Makes an element. Children that are strings become text and nothing else. */
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

/** A button that does something when it is pressed. */
export function button(label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = make("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", press);
  return element;
}

/** The element that index.html has under an id, of the kind that is expected there. */
export function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} "${id}"`);
}

/** Has a list show these elements. Those that are there stay where they are, so that a screen reader reads only new ones. */
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

/** Changes a part of the page. What had the focus there has it afterwards: elements are known by `data-focus`. */
export function keepFocus(container: HTMLElement, change: () => void): void {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  change();
  if (focused !== null && focused !== document.activeElement) focusAgain(focused);
}

/** Focuses an element, or what stands in for it since the page was changed. */
function focusAgain(element: Element): void {
  const mark = element.getAttribute("data-focus");
  const now = element.isConnected ? element : document.querySelector(`[data-focus="${mark}"]`);
  if (now instanceof HTMLElement) now.focus();
}

/** Writes the texts that index.html names in `data-text` and `data-label`. */
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

/** Asks for one line of text. Resolves to undefined when the person cancels or leaves it empty. */
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
