import { ApiError, reasonOf } from "./api.ts";
import { addressHelp } from "./channels.ts";
import { make, partOf, sync } from "./dom.ts";
import { type PhoneCard, phoneCard } from "./phone.ts";
import { addPhone, type State, shownPhones } from "./state.ts";

/** The area of the phones, side by side. `refresh` reloads and shows the data that the user's action needs. */
export function phonesArea(state: State, refresh: () => Promise<void>): () => void {
  const list = partOf("phone-list", HTMLElement);
  const form = partOf("add-phone", HTMLFormElement);
  const note = partOf("phones-note", HTMLElement);
  const more = partOf("phones-more", HTMLElement);
  const empty = partOf("phones-empty", HTMLElement);
  const input = form.querySelector("input") ?? make("input");
  const cards = new Map<string, PhoneCard>();

  const cardOf = (address: string) => {
    const hide = () => {
      state.hidden.add(address);
      void refresh();
      input.focus();
    };
    const card = cards.get(address) ?? phoneCard(state, address, hide);
    cards.set(address, card);
    return card;
  };

  const add = async (address: string) => {
    try {
      await addPhone(state, address);
    } catch (error) {
      note.textContent =
        error instanceof ApiError
          ? `“${address}” is not the address of a phone. Enter ${addressHelp}.`
          : reasonOf(error);
      return;
    }
    note.textContent = "";
    input.value = "";
    await refresh();
    list.querySelector<HTMLElement>(`[data-address="${address}"] textarea`)?.focus();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void add(input.value.trim());
  });

  return () => {
    const addresses = shownPhones(state);
    const others = state.phones.filter(
      (address) => !addresses.includes(address) && !state.hidden.has(address),
    );
    more.textContent = others.length === 0 ? "" : `${others.length} more: add them by address to show them.`;
    empty.hidden = addresses.length > 0;
    const items = addresses.map((key) => ({ key, shows: "", make: () => cardOf(key).element }));
    sync(list, items);
    for (const address of addresses) cardOf(address).render();
  };
}
