import type { Fate, Passing } from "./proxy.ts";

/** Lets a fate befall the first request that matches, and no other. */
export function once(matches: (passing: Passing) => boolean, fate: Fate): (passing: Passing) => Fate {
  let isDone = false;
  return (passing) => {
    if (isDone || !matches(passing)) return "pass";
    isDone = true;
    return fate;
  };
}
