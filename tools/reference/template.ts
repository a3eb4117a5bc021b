import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../infra/endpoints.ts";

/** Seconds that each function of the SAM template has, by the name of its bundle. */
export function lambdaTimeouts(): ReadonlyMap<string, number> {
  const template = readFileSync(join(root, "infra/template.yaml"), "utf8");
  const [globals = "", resources = ""] = template.split(/^Resources:$/m);
  const usual = timeoutIn(globals);
  const timeouts = resources.split(/^ {2}(?=\w+:$)/m).flatMap((resource): [string, number][] => {
    const [, bundle] = /^ +CodeUri: \.\.\/dist\/lambda\/(\S+)$/m.exec(resource) ?? [];
    const seconds = timeoutIn(resource) ?? usual;
    return bundle === undefined || seconds === undefined ? [] : [[bundle, seconds]];
  });
  return new Map(timeouts);
}

function timeoutIn(text: string): number | undefined {
  const [, seconds] = /^ +Timeout: (\d+)$/m.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
