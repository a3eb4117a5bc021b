import { buildWhenStale } from "../../tools/build/stale.ts";

/** Builds once before the tests when the sources are newer than the bundles. */
export default function setup(): void {
  buildWhenStale();
}
