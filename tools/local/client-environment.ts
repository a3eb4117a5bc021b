import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../infra/endpoints.ts";

/** A proxy's URL, and the PEM file of the certificate that its clients must trust. */
interface Proxy {
  readonly url: string;
  readonly caFile: string;
}

/** The usual paths of the system's CA certificates. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The environment in which programs of any language use the emulator as their proxy and trust its certificates (docs/clients.md
 * lists what each client reads). The files that they read are written to `folder`.
 */
export function clientEnvironment(proxy: Proxy, folder: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const bundle = join(folder, "ca-bundle.pem");
  // NODE_EXTRA_CA_CERTS adds to the trusted certificates; the others replace them.
  const known = [env.SSL_CERT_FILE ?? "", ...systemBundles].find((file) => existsSync(file));
  const system = known === undefined ? "" : readFileSync(known, "utf8");
  writeFileSync(bundle, `${system}\n${readFileSync(proxy.caFile, "utf8")}`);
  const { url } = proxy;
  const loopback = "localhost,127.0.0.1,::1";
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    http_proxy: url,
    https_proxy: url,
    NO_PROXY: loopback,
    no_proxy: loopback,
    NODE_EXTRA_CA_CERTS: proxy.caFile,
    NODE_USE_ENV_PROXY: "1",
    NODE_OPTIONS: [env.NODE_OPTIONS, `--require ${JSON.stringify(tunnel)}`].filter(Boolean).join(" "),
    SSL_CERT_FILE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    GIT_SSL_CAINFO: bundle,
    ...phpEnvironment(bundle, folder, env),
    ...pythonEnvironment(folder, env),
    ...javaEnvironment(proxy, env),
    PATH: withoutOwnPrograms(env.PATH ?? ""),
  };
}

const tunnel = fileURLToPath(new URL("twilio-tunnel.cjs", import.meta.url));

/** Moves the folders that npm puts first, with the project's Node, behind the user's. */
function withoutOwnPrograms(path: string): string {
  const isOwn = (folder: string) => {
    const [, project] = /^(.*)[\\/]node_modules[\\/]\.bin$/.exec(folder) ?? [];
    return (
      (project !== undefined && `${root}/`.startsWith(`${project}/`)) || /[\\/]node-gyp-bin$/.test(folder)
    );
  };
  return path
    .split(delimiter)
    .filter((folder) => !isOwn(folder))
    .join(delimiter);
}

/** An ini file in addition to the system's: the empty first element stands for their folder. */
function phpEnvironment(bundle: string, folder: string, env: NodeJS.ProcessEnv) {
  const ini = join(folder, "php");
  mkdirSync(ini);
  writeFileSync(join(ini, "trust.ini"), `curl.cainfo="${bundle}"\nopenssl.cafile="${bundle}"\n`);
  return { PHP_INI_SCAN_DIR: `${env.PHP_INI_SCAN_DIR ?? ""}${delimiter}${ini}` };
}

/** Prepared requests trust only `certifi`, regardless of the environment. */
function pythonEnvironment(folder: string, env: NodeJS.ProcessEnv) {
  const site = join(folder, "python");
  mkdirSync(site);
  writeFileSync(join(site, "sitecustomize.py"), siteCustomize);
  return { PYTHONPATH: [site, env.PYTHONPATH].filter(Boolean).join(delimiter) };
}

const siteCustomize = `import os, sys
try:
    import certifi
    certifi.where = lambda: os.environ["SSL_CERT_FILE"]
except ImportError:
    pass
# The file of this name that this one stands before.
sys.path.remove(os.path.dirname(__file__))
own = sys.modules.pop("sitecustomize")
try:
    import sitecustomize
except ImportError:
    # Python's import fails when the module that it loads is missing.
    sys.modules["sitecustomize"] = own
`;

/** A trust store beside the certificate, created once; nothing without Java. */
function javaEnvironment({ url, caFile }: Proxy, env: NodeJS.ProcessEnv) {
  const name = createHash("sha256").update(readFileSync(caFile)).digest("hex").slice(0, 16);
  const store = join(dirname(caFile), `trust-${name}.p12`);
  const password = "changeit";
  if (!existsSync(store)) {
    const args = ["-importcert", "-noprompt", "-alias", "emulator", "-file", caFile, "-keystore", store];
    const made = spawnSync("keytool", [...args, "-storetype", "PKCS12", "-storepass", password], { env });
    if (made.status !== 0) return {};
  }
  const { hostname, port } = new URL(url);
  const properties = [
    `https.proxyHost=${hostname}`,
    `https.proxyPort=${port}`,
    `javax.net.ssl.trustStore=${store}`,
    `javax.net.ssl.trustStorePassword=${password}`,
    "javax.net.ssl.trustStoreType=PKCS12",
  ].map((property) => `-D${property}`);
  return { JAVA_TOOL_OPTIONS: [env.JAVA_TOOL_OPTIONS, ...properties].filter(Boolean).join(" ") };
}
