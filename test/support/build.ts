import { writeSettings } from "../../tools/build/settings.ts";
import { buildWhenStale } from "../../tools/build/stale.ts";

/** Builds once before the tests when the sources are newer than the bundles. */
export default async function setup(): Promise<void> {
  buildWhenStale();
  // Tests set what they need.
  await writeSettings({ texts: {}, variables: {} });
}
