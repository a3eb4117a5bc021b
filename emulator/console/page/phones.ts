import { make, partOf, sync } from "./dom.ts";
import { type PhoneCard, phoneCard } from "./phone.ts";
import { type State, shownPhones } from "./state.ts";

/** E.164, with the prefix of a messenger before it or none. */
const addressForm = /^([a-z]+:)?\+[1-9]\d{6,14}$/;

/** The area of the phones, side by side. `refresh` reads and shows anew what the person has asked for. */
export function phonesArea(state: State, refresh: () => void): () => void {
  const list = partOf("phone-list", HTMLElement);
  const form = partOf("add-phone", HTMLFormElement);
  const note = partOf("phones-note", HTMLElement);
  const empty = partOf("phones-empty", HTMLElement);
  const input = form.querySelector("input") ?? make("input");
  const cards = new Map<string, PhoneCard>();

  const cardOf = (address: string) => {
    const hide = () => {
      state.hidden.add(address);
      refresh();
      input.focus();
    };
    const card = cards.get(address) ?? phoneCard(address, hide);
    cards.set(address, card);
    return card;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = input.value.trim();
    const isAddress = addressForm.test(address);
    note.textContent = isAddress
      ? ""
      : "Write the address as +15558675310, or whatsapp:+15558675310 for WhatsApp.";
    if (!isAddress) return;
    state.added.add(address);
    state.hidden.delete(address);
    input.value = "";
    refresh();
  });

  return () => {
    const addresses = shownPhones(state);
    empty.hidden = addresses.length > 0;
    const items = addresses.map((key) => ({ key, shows: "", make: () => cardOf(key).element }));
    sync(list, items);
    for (const address of addresses) cardOf(address).render(state);
  };
}
