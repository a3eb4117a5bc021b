import { post, reasonOf } from "./api.ts";
import { make, partOf } from "./dom.ts";
import type { State } from "./state.ts";

/** What moves the clock at the top, and whether it runs. What is asked for comes back as a change. */
export function clockBar(state: State): () => void {
  const mode = partOf("mode", HTMLFieldSetElement);
  const form = partOf("advance", HTMLFormElement);
  const settle = partOf("settle", HTMLButtonElement);
  const note = partOf("clock-note", HTMLElement);
  const input = form.querySelector("input") ?? make("input");
  const modes = [...mode.querySelectorAll("input")];

  const ask = async (path: string, body: object, done: string) => {
    note.textContent = "…";
    note.textContent = await post(path, body).then(() => done, reasonOf);
  };
  const advance = (duration: string) => ask("/clock/advance", { duration }, `Advanced by ${duration}.`);

  for (const button of document.querySelectorAll<HTMLElement>("[data-advance]"))
    button.addEventListener("click", () => void advance(button.dataset.advance ?? ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void advance(input.value.trim().toUpperCase());
  });
  settle.addEventListener("click", () => void ask("/settle", {}, "Nothing is pending."));
  for (const choice of modes)
    choice.addEventListener("change", () => {
      const done = choice.value === "real" ? "The clock runs." : "The clock is stopped.";
      void ask("/clock", { mode: choice.value }, done);
    });

  return () => {
    for (const choice of modes) choice.checked = choice.value === state.clock.mode;
  };
}
