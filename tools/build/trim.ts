import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { root } from "../../infra/endpoints.ts";

/**
 * Resources below a conversation: the module of the official package, and the property of the parent class. That class loads
 * all of them, whether they are used or not.
 */
const SUB_RESOURCES: ReadonlyMap<string, string> = new Map([
  ["./conversation/message", "messages"],
  ["./conversation/participant", "participants"],
  ["./conversation/webhook", "webhooks"],
  ["./message/deliveryReceipt", "deliveryReceipts"],
]);

/**
 * Methods of the official package that are omitted when our code does not name them, up to 22 kB in a bundle: those that
 * return a response's status and headers as well, and those for JSON and the console. Each ends at the first line that is
 * indented as its first one.
 */
const METHOD =
  /^ {4}(?:instance\.)?(?:async )?(?:(?<name>\w+With(?:Http|Response)Info|toJSON)|(?:instance)?\[util_1\.inspect\.custom\])(?: = function \w+)?\(.*\) \{\n(?:(?! {4}\}).*\n)* {4}\};?\n/gm;

/** Their assignments to a list of resources. */
const ASSIGNMENT = /^ {4}instance\.(?<name>\w+WithHttpInfo) = instance\..*;\n/gm;

/** Descriptions of schemas, which only the reference reads: up to 1.5 kB in a bundle. */
const METADATA = /\bv\.(?:description|metadata)\((?:"[^"]*"|'[^']*'|`[^`]*`|[^()"'`])*\),?/g;

const OMITTED = "omitted";

/** Removes descriptions from this project's code. */
const withoutMetadata: Plugin = {
  name: "metadata",
  setup({ onLoad }) {
    onLoad({ filter: /\/(?:core|handlers)\/.*\.ts$/ }, ({ path }) => ({
      // As many lines as before, so that source maps stay correct.
      contents: readFileSync(path, "utf8").replace(METADATA, (call) => call.replace(/[^\n]/g, "")),
      loader: "ts",
    }));
  },
};

/**
 * Omits unused code from a bundle: descriptions of schemas, resources below a conversation and methods that our code does
 * not name, and dayjs (see `dates.ts`). Access to an omitted resource throws an error that
 * explains the omission.
 *
 * @param options The bundle's build options.
 */
export async function trimmed(options: BuildOptions): Promise<Plugin[]> {
  const { outputFiles } = await build({
    ...options,
    plugins: [...(options.plugins ?? []), withoutMetadata],
    packages: "external",
    sourcemap: false,
    metafile: false,
    write: false,
  });
  const [ours] = outputFiles ?? [];
  if (ours === undefined) throw new Error("The bundle contains no code of this project.");
  // Not as part of a header name.
  const isUsed = (property: string) => new RegExp(`(?<!-)\\b${property}\\b(?!-)`).test(ours.text);
  // As many lines as before, so that source maps stay correct.
  const omit = (text: string, name: string | undefined) =>
    name !== undefined && isUsed(name) ? text : text.replace(/[^\n]/g, "");
  const trim: Plugin = {
    name: "trim",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^dayjs(\/plugin\/utc)?$/ }, () => ({ path: join(root, "tools/build/dates.ts") }));
      onResolve({ filter: /^\.\// }, ({ path, importer }) => {
        const property = importer.includes("/twilio/lib/rest/") ? SUB_RESOURCES.get(path) : undefined;
        return property === undefined || isUsed(property)
          ? undefined
          : { path: property, namespace: OMITTED };
      });
      onLoad({ filter: /\/twilio\/lib\/(?:rest|base)\/.*\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replace(METHOD, omit).replace(ASSIGNMENT, omit),
      }));
      onLoad({ filter: /./, namespace: OMITTED }, ({ path: property }) => ({ contents: stub(property) }));
    },
  };
  return [withoutMetadata, trim];
}

/** A module whose factory function throws: `MessageListInstance` for `messages`. */
function stub(property: string): string {
  const name = `${property.slice(0, 1).toUpperCase()}${property.slice(1, -1)}ListInstance`;
  const message = `${property} are not in this bundle, since its code did not use them when it was built.`;
  return `exports.${name} = () => { throw new Error(${JSON.stringify(message)}); };`;
}
