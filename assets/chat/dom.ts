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
  part("ask-label", HTMLSpanElement).textContent = label;
  input.value = value;
  dialog.returnValue = "";
  dialog.showModal();
  input.select();
  part("ask-cancel", HTMLButtonElement).onclick = () => dialog.close();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const answer = input.value.trim();
      resolve(dialog.returnValue === "ok" && answer !== "" ? answer : undefined);
    };
  });
}
