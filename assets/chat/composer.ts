import type { Conversation } from "@twilio/conversations";
import { button, make, part } from "./dom.ts";
import { attemptChange } from "./problems.ts";
import { texts } from "./texts.ts";

/** Minimum interval between typing notifications in milliseconds: the SDK ends the indicator after five seconds. */
const TYPING_MS = 4_000;

/** The input for the open conversation. Unsent text is kept. */
export class Composer {
  readonly #conversation: () => Conversation | undefined;
  readonly #text = part("text", HTMLTextAreaElement);
  readonly #file = part("file", HTMLInputElement);
  readonly #attached = part("attached", HTMLUListElement);
  readonly #form = part("composer", HTMLFormElement);
  #files: File[] = [];
  #isSending = false;
  #lastTyping = 0;

  constructor(conversation: () => Conversation | undefined) {
    this.#conversation = conversation;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.#send();
    });
    this.#text.addEventListener("input", () => this.#sayTyping());
    this.#file.addEventListener("change", () => {
      this.#files.push(...(this.#file.files ?? []));
      this.#file.value = "";
      this.#showFiles();
    });
  }

  async #send(): Promise<void> {
    const conversation = this.#conversation();
    const body = this.#text.value.trim();
    if (conversation === undefined || this.#isSending || (body === "" && this.#files.length === 0)) return;
    this.#setSending(true);
    const sent = await attemptChange(async () => {
      let message = conversation.prepareMessage();
      if (body !== "") message = message.setBody(body);
      for (const file of this.#files) {
        const media = new FormData();
        media.append("file", file);
        message = message.addMedia(media);
      }
      await message.build().send();
      return true;
    });
    this.#setSending(false);
    if (sent !== true) return;
    this.#text.value = "";
    this.#files = [];
    this.#showFiles();
    this.#text.focus();
  }

  #setSending(isSending: boolean): void {
    this.#isSending = isSending;
    this.#form.setAttribute("aria-busy", String(isSending));
    const submit = this.#form.querySelector("button[type=submit]");
    if (submit) submit.textContent = isSending ? texts.sending : texts.send;
  }

  #sayTyping(): void {
    const now = Date.now();
    if (now - this.#lastTyping < TYPING_MS) return;
    this.#lastTyping = now;
    void this.#conversation()
      ?.typing()
      .catch(() => undefined);
  }

  #showFiles(): void {
    const items = this.#files.map((file) => {
      const remove = () => {
        this.#files = this.#files.filter((one) => one !== file);
        this.#showFiles();
        this.#file.focus();
      };
      return make("li", {}, file.name, button("×", remove, { "aria-label": texts.removeFile(file.name) }));
    });
    this.#attached.replaceChildren(...items);
  }
}
