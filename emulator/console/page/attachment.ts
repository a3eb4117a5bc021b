import { make } from "./dom.ts";

const picture = /^data:image\/(png|jpeg|gif|webp)[;,]/i;

/**
 * A file of a message. Pictures are shown if the emulator has their bytes; other files are links, since the page
 * loads nothing from other hosts. `latest` returns the current link: those of the media service are valid for five
 * minutes.
 */
export function attachment(url: string, latest: () => string): HTMLElement {
  if (picture.test(url)) return make("img", { class: "picture", src: url, alt: "Picture" });
  if (!/^https?:\/\//i.test(url)) return make("span", { class: "attachment" }, nameOf(url));
  const link = linkTo(url, nameOf(url));
  link.addEventListener("click", () => {
    link.href = latest();
  });
  if (new URL(url).origin === location.origin) {
    const image = make("img", { class: "picture", src: url, alt: nameOf(url) });
    image.addEventListener("error", () => image.replaceWith(nameOf(url)), { once: true });
    link.replaceChildren(image);
  }
  return link;
}

/** A link in a new tab; text only if the URL is not http(s) or a phone number. */
export function linkTo(url: string, text: string): HTMLAnchorElement {
  const isSafe = /^(https?:\/\/|tel:)/i.test(url);
  const target = isSafe ? { href: url, target: "_blank", rel: "noopener noreferrer" } : {};
  return make("a", { class: "attachment", title: url.slice(0, 500), ...target }, text);
}

function nameOf(url: string): string {
  if (url.startsWith("data:")) return /^data:([^;,]*)/.exec(url)?.[1] || "text/plain";
  return URL.canParse(url) ? new URL(url).pathname.split("/").at(-1) || url : url;
}
