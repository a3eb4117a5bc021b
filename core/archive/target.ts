import * as v from "valibot";
import { storeInBucket } from "../aws/s3.ts";
import { type Environment, readEnvironment, urlVariable } from "../environment.ts";
import type { Resource } from "../handler.ts";
import { hookEntries, openHookSender } from "../signed-hook.ts";
import { type ArchiveStore, storeByHook, storeInLog } from "./store.ts";

/** The schema of `archive` in `POST_EVENT_REACTIONS`: where archives are stored. */
export const archiveTarget = () =>
  v.union(
    [
      v.literal("log"),
      v.strictObject({ url: urlVariable() }),
      v.strictObject({
        bucket: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/)),
        prefix: v.optional(v.string(), ""),
      }),
    ],
    'must be "log", {"url":"https://…"}, or a bucket such as {"bucket":"my-archive","prefix":"conversations/"}',
  );

/** Opens a configured target. @throws {Misconfigured} for a missing secret or role. */
export function openStore(
  target: v.InferOutput<ReturnType<typeof archiveTarget>>,
  environment: Environment,
): ArchiveStore {
  if (target === "log") return storeInLog;
  return "url" in target
    ? storeByHook(target.url, openHookSender(environment))
    : storeInBucket(target.bucket, target.prefix, environment);
}

const entries = {
  POST_EVENT_REACTIONS: v.optional(
    v.pipe(
      v.string(),
      v.parseJson(undefined, "must be a JSON object of reactions"),
      v.object({ archive: v.optional(archiveTarget()) }),
    ),
    "{}",
  ),
};

/** Where `webhooks/post-event` stores archives; `undefined` if it stores none. */
export const archiveStore: Resource<ArchiveStore | undefined> = {
  entries: { ...entries, ...hookEntries },
  open(environment) {
    const { archive } = readEnvironment(entries, environment).POST_EVENT_REACTIONS;
    const store = archive === undefined ? undefined : openStore(archive, environment);
    return () => store;
  },
};
