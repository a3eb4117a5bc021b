import { channelOf, numberOf } from "./channels.ts";
import { make, sync } from "./dom.ts";
import { type Thread, threadKey } from "./threads.ts";

/** The choice that lets the person write to several numbers. */
const several = "several";

/** The menu of a phone's chats. */
export interface ChatMenu {
  readonly elements: readonly HTMLElement[];
  /** The key of the chat in view, or nothing while none has been chosen. */
  chosen(): string;
  choose(key: string): void;
  /** Whom the person writes to. */
  recipients(): readonly string[];
  render(threads: readonly Thread[]): void;
}

/** Lets the person choose the chat in view, or a group of numbers to write to. `changed` is called when they have. */
export function chatMenu(address: string, changed: () => void): ChatMenu {
  const name = numberOf(address);
  const menu = make("select", { "aria-label": `Chat of ${name}` });
  const attributes = { class: "group-numbers", placeholder: "+1…, +1…", spellcheck: "false" };
  const group = make("input", { ...attributes, "aria-label": `Numbers that ${name} writes to` });
  const canWriteToSeveral = channelOf(address).hasGroupTexts;
  let chosen = "";

  const choose = (key: string) => {
    chosen = key;
    group.hidden = chosen !== several;
  };
  choose("");
  menu.addEventListener("change", () => {
    choose(menu.value);
    changed();
  });
  return {
    elements: [make("label", {}, "with ", menu), group],
    chosen: () => chosen,
    choose,
    recipients() {
      if (chosen !== several) return chosen.split(" ");
      const numbers = group.value.split(/[\s,;]+/).filter((part) => part !== "");
      return threadKey(numbers).split(" ");
    },
    render(threads) {
      const options = threads.map(({ key, others }) => option(key, others.map(numberOf).join(", ")));
      sync(menu, canWriteToSeveral ? [...options, option(several, "several numbers…")] : options);
      if (chosen === "" && threads.length === 0) choose(several);
      menu.value = chosen;
    },
  };
}

function option(value: string, text: string) {
  return { key: value, shows: text, make: () => make("option", { value }, text) };
}
