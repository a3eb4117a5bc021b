import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { chromiumPath } from "../../../support/chromium.ts";
import { useAccount } from "../../support/emulator.ts";
import { useSdkPages } from "../../support/sdk-page.ts";
import { suite } from "../suite/all.ts";

const proxy = mkdtempSync(join(tmpdir(), "emulator-proxy-"));
afterAll(() => rmSync(proxy, { recursive: true, force: true }));

// Files are what browsers treat most differently. The rest runs in Node with every change, and here with `npm run test:all`.
const { media = {} } = suite;

describe.skipIf(chromiumPath === undefined)("the SDK in Chromium, unchanged,", () => {
  const fixture = useAccount({ proxy });
  const pages = useSdkPages("@twilio/conversations", "proxy");
  it.each(Object.keys(media))("for media, %s", (name) => pages.run(fixture.current, "media", name));
});
