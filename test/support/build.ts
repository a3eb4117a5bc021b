import { createRequire } from "node:module";

const { buildWhenStale } = createRequire(import.meta.url)("../../tools/build/when-stale.cjs") as {
  readonly buildWhenStale: () => void;
};

/** Builds once before the tests when the sources are newer than the bundles. */
export default function setup(): void {
  buildWhenStale();
}
