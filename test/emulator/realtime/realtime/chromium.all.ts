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

const versions = [
  ["@twilio/conversations", "option"],
  ["twilio-conversations-2.7", "proxy"],
  ["twilio-conversations-2.4", "proxy"],
] as const;

describe.skipIf(chromiumPath === undefined).each(versions)("%s in Chromium, by %s,", (name, way) => {
  const fixture = useAccount({ proxy });
  const pages = useSdkPages(name, way);
  describe.each(Object.entries(suite))("for %s,", (section, scenarios) => {
    it.each(Object.keys(scenarios))("%s", (scenario) => pages.run(fixture.current, section, scenario));
  });
});
