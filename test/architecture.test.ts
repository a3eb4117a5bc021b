import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Endpoint, endpoints, handlerOf, root, targetsOf, variableNames } from "../infra/endpoints.ts";
import { parametersOf } from "../infra/template/parameters.ts";
import { templateFile } from "../infra/template/template.ts";
import { securitySchemes } from "../tools/reference/access.ts";
import { describeEndpoints } from "../tools/reference/description.ts";
import { openApi } from "../tools/reference/openapi.ts";

/** What each folder may import, besides packages. The list of endpoints is infra/endpoints.ts: tools use infra, never the reverse. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  handlers: ["handlers", "core"],
  functions: ["handlers", "core"],
  infra: ["infra", "handlers", "core"],
  tools: ["tools", "infra", "handlers", "core"],
  emulator: ["emulator"],
};

const sourceFiles = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(/(?<!")(?:from|import\()\s*"([^"]+)"/g)].flatMap(
    ([, name]) => name ?? [],
  );

const partOf = (file: string, imported: string): string =>
  relative(root, join(root, dirname(file), imported)).split("/")[0] ?? "";

/** The import circles among files, each as its files in order of name. */
function circlesOf(files: readonly string[]): string[] {
  const importedBy = new Map(
    files.map((file) => [
      file,
      importsOf(file).flatMap((name) => (name.startsWith(".") ? [join(dirname(file), name)] : [])),
    ]),
  );
  const reachableFrom = (start: string): Set<string> => {
    const reached = new Set<string>();
    const open = [start];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const next of importedBy.get(file) ?? []) if (!reached.has(next)) open.push(next);
      for (const next of importedBy.get(file) ?? []) reached.add(next);
    }
    return reached;
  };
  const reach = new Map(files.map((file) => [file, reachableFrom(file)]));
  const circles = files
    .filter((file) => reach.get(file)?.has(file))
    .map((file) => files.filter((other) => reach.get(file)?.has(other) && reach.get(other)?.has(file)));
  return [...new Set(circles.map((circle) => circle.toSorted().join(" ↔ ")))];
}

describe("what test files share", () => {
  // Vitest runs several test files on the same modules: isolate is off.
  it("registers no hooks and makes no files when it is imported", () => {
    const shared = sourceFiles("test").filter((file) => !/\.(test|all|matrix)\.ts$/.test(file));
    const found = shared.filter((file) =>
      /^(before|after)(All|Each)\(|^(export )?(const|let) .*\bmkdtemp/m.test(
        readFileSync(join(root, file), "utf8"),
      ),
    );
    expect(found).toEqual([]);
  });

  it("changes neither modules nor globals", () => {
    const found = sourceFiles("test").filter((file) =>
      /\bvi\.mock\(|^\s*(process\.env\.\w+|globalThis\.\w+) \?{0,2}=[^=]/m.test(
        readFileSync(join(root, file), "utf8"),
      ),
    );
    // Processes of their own.
    expect(found.sort()).toEqual(["test/conformance/table/main.ts"]);
  });
});

/** Tests that lie elsewhere than what they test, with the reason. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "emulator/docs/": "one file for each page of Twilio's documentation",
  "emulator/layers": "about all of the emulator",
};

/** The tests of a tree, as paths without "test/" and ".test.ts". */
const testsOf = (folder: string): string[] =>
  readdirSync(join(root, "test", folder), { recursive: true, encoding: "utf8" }).flatMap((file) => {
    const name = /^(.+)\.(?:test|all|matrix)\.ts$/.exec(file)?.[1];
    return name === undefined ? [] : [`${folder}/${name}`];
  });

let document: ReturnType<typeof openApi>;
beforeAll(async () => {
  document = openApi(await describeEndpoints());
});

describe("imports", () => {
  it.each(Object.entries(MAY_IMPORT))("go from %s to %j only", (part, allowed) => {
    const files = sourceFiles(part);
    expect(files.length).toBeGreaterThan(0);
    const strays = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith(".") && !allowed.includes(partOf(file, name)))
        .map((name) => `${file} imports ${name}`),
    );
    expect(strays).toEqual([]);
  });

  it("never form a circle", () => {
    const files = Object.keys(MAY_IMPORT)
      .filter((part) => part !== "emulator")
      .flatMap(sourceFiles);
    expect(circlesOf(files)).toEqual([]);
  });

  it("of core know no handler's platform: only core/platforms names middy or Twilio's runtime", () => {
    const files = [...sourceFiles("core"), ...sourceFiles("handlers")].filter(
      (file) => !file.startsWith("core/platforms/"),
    );
    const strays = files.filter((file) =>
      importsOf(file).some((name) => /middy|aws-lambda|serverless-runtime-types/.test(name)),
    );
    expect(strays).toEqual([]);
  });

  it("of deployed code take the official package apart, and never whole", () => {
    const files = [...sourceFiles("core"), ...sourceFiles("handlers"), ...sourceFiles("functions")];
    expect(files.filter((file) => importsOf(file).includes("twilio"))).toEqual([]);
  });

  it("of the emulator name no package but those allowed", () => {
    const allowed = ["valibot", "ws", "liquidjs"];
    const packages = sourceFiles("emulator")
      .flatMap(importsOf)
      .filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
    expect(packages.filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

describe("tests", () => {
  const tests = [...new Set(["core", "handlers", "emulator", "infra", "tools", "assets"].flatMap(testsOf))];

  it("have the path of the file or folder that they test, or lie in a folder of the file's name", () => {
    const hasCounterpart = (test: string) =>
      existsSync(join(root, test)) ||
      existsSync(join(root, `${test}.ts`)) ||
      existsSync(join(root, `${dirname(test)}.ts`));
    const strays = tests.filter((test) => !hasCounterpart(test));
    const excused = Object.keys(ELSEWHERE);
    expect(strays.filter((test) => !excused.some((start) => test.startsWith(start)))).toEqual([]);
  });

  it("are there for each handler, under its name", () => {
    const names = endpoints().map(({ name }) => name);
    expect(names.filter((name) => !tests.includes(`handlers/${name}`))).toEqual([]);
  });
});

describe("docs/README.md", () => {
  it("links to every page", () => {
    const index = readFileSync(join(root, "docs/README.md"), "utf8");
    const pages = readdirSync(join(root, "docs")).filter(
      (name) => name.endsWith(".md") && name !== "README.md",
    );
    const deploy = readdirSync(join(root, "docs/deploy")).map((name) => `deploy/${name}`);
    expect([...pages, ...deploy].filter((page) => !index.includes(`](${page})`))).toEqual([]);
  });
});

describe(".env.example", () => {
  const example = readFileSync(join(root, ".env.example"), "utf8");

  it("has every parameter of the SAM template that a deployment does not derive", () => {
    const derived = ["SECRET_ARN", "SECRETS_EXTENSION_LAYER_ARN"];
    const parameters = parametersOf(readFileSync(templateFile, "utf8")).map(({ variable }) => variable);
    expect(parameters.length).toBeGreaterThan(derived.length);
    const missing = parameters.filter((name) => !example.includes(`\n${name}=`) && !derived.includes(name));
    expect(missing).toEqual([]);
  });

  it("marks every setting of the secret as one", () => {
    const secrets =
      parametersOf(readFileSync(templateFile, "utf8")).find(({ name }) => name === "SecretArn")
        ?.description ?? "";
    const blocks = [...example.matchAll(/((?:^#.*\n)+)((?:^\w+=.*\n)+)/gm)];
    const unmarked = blocks.flatMap(([, comment = "", settings = ""]) =>
      /\bsecret\b/i.test(comment) ? [] : [...settings.matchAll(/^\w+/gm)].map(([name]) => name),
    );
    expect(unmarked.length).toBeGreaterThan(10);
    expect(unmarked.filter((name) => new RegExp(`\\b${name}\\b`).test(secrets))).toEqual([]);
  });

  it("has nothing that neither an endpoint nor the template reads", async () => {
    const names = [...example.matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name);
    const parameters = parametersOf(readFileSync(templateFile, "utf8")).map(({ variable }) => variable);
    const known = new Set([...parameters, ...(await variableNames()), "PUBLIC_BASE_URL"]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe.each(endpoints())("the endpoint $name", (endpoint: Endpoint) => {
  const template = readFileSync(join(root, "infra/template.yaml"), "utf8");
  const example = readFileSync(join(root, ".env.example"), "utf8");
  const secretParameter = /SecretArn:[\s\S]*?AllowedPattern/.exec(template)?.[0] ?? "";
  const definition = () => handlerOf(endpoint);

  it("has a handler, and a function that runs it under its own name", () => {
    expect(existsSync(join(root, endpoint.handlerFile))).toBe(true);
    const source = readFileSync(join(root, endpoint.functionFile), "utf8");
    expect(source).toContain(`handlers/${endpoint.name}.ts"`);
    expect(source).toContain(`, "${endpoint.name}")`);
  });

  it("is in the SAM template with its bundle and just its methods", async () => {
    const { methods, cors } = await definition();
    expect(template).toContain(`CodeUri: ../dist/lambda/${endpoint.name}\n`);
    const routes = [...template.matchAll(/Method: (\w+), Path: (\S+) }/g)].filter(
      ([, , path]) => path === `/${endpoint.name}`,
    );
    expect(routes.map(([, method]) => method).sort()).toEqual(
      [...methods, ...(cors ? ["OPTIONS"] : [])].sort(),
    );
  });

  it("reads no variable that the SAM template and .env.example do not know", async () => {
    // The queue's URL is set by the template alone.
    const variables = (await definition()).variables.filter((name) => name !== "EVENT_QUEUE_URL");
    // Those in the secret are named in its parameter's description; the emulator's address is for local runs alone.
    const known = (name: string) =>
      template.includes(`${name}: !Ref`) || secretParameter.includes(name) || name === "TWILIO_BASE_URL";
    expect(variables.filter((name) => !known(name))).toEqual([]);
    expect(variables.filter((name) => !example.includes(`\n${name}=`))).toEqual([]);
  });

  it("has a page, which calls it by its path", () => {
    const page = readFileSync(join(root, "docs/endpoints", `${endpoint.name}.md`), "utf8");
    expect(page.split("\n").find((line) => line.startsWith("# "))).toContain(`/${endpoint.name}\``);
  });

  it("has just its methods and its access in the OpenAPI description", async () => {
    const { methods, access } = await definition();
    const path = document.paths[`/${endpoint.name}`] ?? {};
    expect(Object.keys(path).sort()).toEqual(methods.map((method) => method.toLowerCase()).sort());
    const guests = Object.hasOwn(access.entries, "GUESTS") ? [""] : [];
    for (const { security } of Object.values(path)) {
      expect(security.map(schemeOf)).toEqual([...access.schemes, ...guests]);
    }
  });

  it("is protected by Twilio's gateway if and only if Twilio alone may call it", async () => {
    const { schemes } = (await definition()).access;
    expect(endpoint.isProtected).toBe(schemes.join() === "X-Twilio-Signature");
  });
});

/** A security requirement of the OpenAPI description as the access rules name it; empty where nothing is required. */
function schemeOf(requirement: Readonly<Record<string, readonly string[]>>): string {
  const fields: string[] = [];
  for (const [name, scopes] of Object.entries(requirement)) {
    const scheme = Object.entries(securitySchemes).find(([key]) => key === name)?.[1];
    if (scheme?.type === "http") {
      const kind = scheme.scheme === "basic" ? "Basic" : "Bearer";
      return `Authorization: ${kind}${scopes.length === 0 ? "" : ` (scope ${scopes})`}`;
    }
    if (scheme?.in === "header") return scheme.name;
    if (scheme) fields.push(scheme.name);
  }
  return fields.length === 0 ? "" : `fields ${fields.join(" and ")}`;
}

/** Every file of `core` and `handlers` that `file` imports, directly or through others. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  for (const name of importsOf(file).filter((imported) => imported.startsWith("."))) {
    const imported = relative(root, join(root, dirname(file), name));
    if (reached.has(imported)) continue;
    reached.add(imported);
    reachedFrom(imported, reached);
  }
  return reached;
}

describe("core", () => {
  it("holds what several endpoints share: what serves one takes at most a tenth of its lines", () => {
    const reached = endpoints().map(({ handlerFile }) => reachedFrom(handlerFile));
    const adapters = reachedFrom(
      "core/platforms/queue-consumer.ts",
      reachedFrom("core/platforms/queue-front.ts"),
    );
    const lines = (files: readonly string[]) =>
      files.reduce((sum, file) => sum + readFileSync(join(root, file), "utf8").split("\n").length - 1, 0);
    const shared = sourceFiles("core").filter((file) => !file.startsWith("core/platforms/"));
    const ofOne = shared.filter(
      (file) => !adapters.has(file) && reached.filter((files) => files.has(file)).length < 2,
    );
    expect(lines(ofOne), ofOne.join(", ")).toBeLessThanOrEqual(lines(shared) / 10);
  });

  it("also holds what two groups share: no group imports from another", () => {
    const strays = sourceFiles("handlers").flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith("."))
        .map((name) => relative(root, join(root, dirname(file), name)))
        .filter((imported) => imported.startsWith("handlers/"))
        .filter((imported) => imported.split("/")[1] !== file.split("/")[1])
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(strays).toEqual([]);
  });
});

describe("the reference", () => {
  const names = endpoints().map(({ name }) => name);

  it("has no page without an endpoint", () => {
    const pages = readdirSync(join(root, "docs/endpoints"), { recursive: true, encoding: "utf8" });
    const named = pages.filter((file) => file.endsWith(".md")).map((file) => file.slice(0, -".md".length));
    expect(named.sort()).toEqual([...names].sort());
  });

  it("describes no path without an endpoint", () => {
    expect(Object.keys(document.paths).sort()).toEqual(names.map((name) => `/${name}`).sort());
  });
});

describe.each(endpoints().filter(({ isQueued }) => isQueued))("the queued endpoint $name", ({ name }) => {
  const template = readFileSync(join(root, "infra/template.yaml"), "utf8");

  it("waits in a queue whose consumer outlives none of its events", () => {
    const consumer = new RegExp(
      `CodeUri: \\.\\./dist/lambda/${name}-consumer\n[\\s\\S]*?FunctionResponseTypes: \\[ReportBatchItemFailures\\]`,
    ).exec(template)?.[0];
    const timeout = Number(/Timeout: (\d+)/.exec(consumer ?? "")?.[1]);
    const visibility = Number(/VisibilityTimeout: (\d+)/.exec(template)?.[1]);
    // AWS asks for six times the function's time limit.
    expect(visibility).toBe(6 * timeout);
  });
});

describe("the SAM template", () => {
  it("has no function without an endpoint", () => {
    const template = readFileSync(join(root, "infra/template.yaml"), "utf8");
    const bundles = [...template.matchAll(/CodeUri: \.\.\/dist\/lambda\/(\S+)/g)].map(([, name]) => name);
    const expected = endpoints().flatMap((endpoint) =>
      targetsOf(endpoint).includes("consumer")
        ? [endpoint.name, `${endpoint.name}-consumer`]
        : [endpoint.name],
    );
    // The static files are not an endpoint.
    expect(bundles.sort()).toEqual([...expected, "index"].sort());
  });
});
