import { chromiumPath } from "./chromium.ts";

/** Prints once, before the tests, what cannot be tested on this machine. */
export default function setup(): void {
  if (chromiumPath === undefined)
    console.log("There is no Chromium: the pages are not tested. Install it, or set CHROMIUM_PATH.");
}
