import type { Conversation } from "@twilio/conversations";
import { button, make, part } from "./dom.ts";
import { attemptChange } from "./problems.ts";
import { texts } from "./texts.ts";

/** Minimum interval between typing notifications in milliseconds: the SDK ends the indicator after five seconds. */
const TYPING_MS = 4_000;

/** What a user has not sent yet. */
interface Draft {
  readonly text: string;
  readonly files: readonly File[];
}

const EMPTY: Draft = { text: "", files: [] };

/** The input for the open conversation. Each conversation has its own draft, which is kept until it is sent. */
export class Composer {
  /** Those of the user who is signed in, by the conversation's SID, except that of the open one. */
  #drafts = new Map<string, Draft>();
  /** The SIDs of the conversations to which this user is sending a message. */
  #sending = new Set<string>();
  #conversation: Conversation | undefined;
  #identity: string | undefined;
  readonly #text = part("text", HTMLTextAreaElement);
  readonly #file = part("file", HTMLInputElement);
  readonly #attached = part("attached", HTMLUListElement);
  readonly #form = part("composer", HTMLFormElement);
  #files: readonly File[] = [];
  #lastTyping = 0;

  constructor() {
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
      this.#files = [...this.#files, ...(this.#file.files ?? [])];
      this.#file.value = "";
      this.#showFiles();
    });
  }

  /** Discards what another user has written. */
  signedIn(identity: string): void {
    if (identity !== this.#identity) {
      this.#drafts = new Map();
      this.#sending = new Set();
    }
    this.#identity = identity;
  }

  /** Shows the draft of a conversation; `undefined` if none is open. */
  open(conversation: Conversation | undefined): void {
    if (this.#conversation !== undefined) this.#drafts.set(this.#conversation.sid, this.#shown());
    this.#conversation = conversation;
    this.#lastTyping = 0;
    this.#show(this.#drafts.get(conversation?.sid ?? "") ?? EMPTY);
    this.#showSending();
  }

  #shown(): Draft {
    return { text: this.#text.value, files: this.#files };
  }

  #show({ text, files }: Draft): void {
    this.#text.value = text;
    this.#files = files;
    this.#showFiles();
  }

  async #send(): Promise<void> {
    const conversation = this.#conversation;
    const draft = this.#shown();
    const drafts = this.#drafts;
    const sending = this.#sending;
    const { files } = draft;
    const body = draft.text.trim();
    if (conversation === undefined || sending.has(conversation.sid)) return;
    if (body === "" && files.length === 0) return;
    sending.add(conversation.sid);
    // What is typed meanwhile belongs to the next message.
    this.#show(EMPTY);
    this.#showSending();
    this.#text.focus();
    const sent = await attemptChange(async () => {
      let message = conversation.prepareMessage();
      if (body !== "") message = message.setBody(body);
      for (const file of files) {
        const media = new FormData();
        media.append("file", file);
        message = message.addMedia(media);
      }
      await message.build().send();
      return true;
    });
    sending.delete(conversation.sid);
    // Not to another user who has signed in meanwhile.
    if (sent !== true && drafts === this.#drafts) this.#giveBack(conversation.sid, draft);
    this.#showSending();
  }

  /** Puts a draft that was not sent before what was written since. */
  #giveBack(sid: string, draft: Draft): void {
    const isOpen = sid === this.#conversation?.sid;
    const since = isOpen ? this.#shown() : (this.#drafts.get(sid) ?? EMPTY);
    const text = [draft.text, since.text].filter((one) => one !== "").join("\n");
    const whole = { text, files: [...draft.files, ...since.files] };
    if (isOpen) this.#show(whole);
    else this.#drafts.set(sid, whole);
  }

  #showSending(): void {
    const isSending = this.#sending.has(this.#conversation?.sid ?? "");
    this.#form.setAttribute("aria-busy", String(isSending));
    const submit = this.#form.querySelector("button[type=submit]");
    if (submit) submit.textContent = isSending ? texts.sending : texts.send;
  }

  #sayTyping(): void {
    const now = Date.now();
    if (now - this.#lastTyping < TYPING_MS) return;
    this.#lastTyping = now;
    void this.#conversation?.typing().catch(() => undefined);
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
