/*
 * One tag embeds the chat page in the corner of any page:
 *
 *   <script src="https://<deployment>/chat/embed.js" data-guest="true" async></script>
 *
 * `data-guest="true"` signs visitors in as guests, `data-bearer` passes the company's JWT, `data-conversation` opens a
 * conversation, `data-label` is the button's label. The chat is an iframe of the deployment's origin, so neither page can read the other.
 */
const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const { guest, bearer, conversation, socket, label = "Chat" } = script.dataset;
  const given = Object.entries({ guest, bearer, conversation, socket }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const page = new URL("index.html", script.src);
  page.hash = new URLSearchParams(given).toString();

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.style, {
    position: "fixed",
    right: "1rem",
    bottom: "1rem",
    zIndex: "2147483647",
    padding: "0.75rem 1.25rem",
    border: "0",
    borderRadius: "2rem",
    background: "#3553d1",
    color: "#ffffff",
    font: "1rem system-ui, sans-serif",
    cursor: "pointer",
  });
  let frame: HTMLIFrameElement | undefined;
  button.addEventListener("click", () => {
    // Created on the first click, so that other visitors load nothing.
    if (frame === undefined) {
      frame = document.createElement("iframe");
      frame.src = page.href;
      frame.title = label;
      Object.assign(frame.style, {
        position: "fixed",
        right: "1rem",
        bottom: "4.5rem",
        zIndex: "2147483647",
        width: "min(25rem, calc(100vw - 2rem))",
        height: "min(40rem, calc(100vh - 6rem))",
        border: "1px solid #8888",
        borderRadius: "0.75rem",
        background: "Canvas",
        display: "none",
      });
      document.body.append(frame);
    }
    const isShown = frame.style.display !== "none";
    frame.style.display = isShown ? "none" : "block";
    button.setAttribute("aria-expanded", String(!isShown));
  });
  document.body.append(button);
}
