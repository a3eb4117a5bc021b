import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { makeDirectory } from "../directory.ts";
import { createCertificate } from "./certificate.ts";

const dayMs = 24 * 60 * 60 * 1000;
/** Browsers and Apple's systems reject server certificates that are valid for longer than 398 days. */
const serverDays = 397;
const authorityDays = 820;

interface Issuer {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * The emulator's own certificate authority. It is created on first use and kept in a directory, its key readable only by this
 * user, so that programs trust it after a restart too. It can sign only for twilio.com and its subdomains.
 */
export class Authority {
  /** Absolute path of its certificate, as PEM, for programs to trust. */
  readonly certificateFile: string;
  readonly #issuer: Issuer;
  readonly #serverKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #contexts = new Map<string, SecureContext>();

  /** Reads the authority of a directory, or creates one if there is none that is valid for long enough. */
  constructor(directory: string, now = Date.now()) {
    makeDirectory(directory);
    const file = join(resolve(directory), "authority.pem");
    const pem = readAuthority(file, now) ?? createAuthority(file, now);
    const certificate = new X509Certificate(pem.certificate);
    this.#issuer = {
      name: commonName(certificate),
      publicKey: certificate.publicKey,
      privateKey: createPrivateKey(pem.key),
    };
    this.certificateFile = join(resolve(directory), "ca.pem");
    replaceFile(this.certificateFile, pem.certificate, 0o644);
  }

  /** The key of all its servers, for a flag of Chromium: the SHA-256 of its SPKI, in base64. */
  get serverKeyHash(): string {
    const key = this.#serverKeys.publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(key).digest("base64");
  }

  /** The certificate and key of a TLS server: a subdomain of twilio.com. */
  contextFor(host: string, now = Date.now()): SecureContext {
    const known = this.#contexts.get(host);
    if (known !== undefined) return known;
    const { publicKey, privateKey } = this.#serverKeys;
    const cert = createCertificate({
      subject: host,
      publicKey,
      issuer: this.#issuer,
      kind: "server",
      domain: host,
      notBefore: now - dayMs,
      notAfter: now + serverDays * dayMs,
    });
    const made = createSecureContext({ cert, key: privateKey.export({ type: "pkcs8", format: "pem" }) });
    this.#contexts.set(host, made);
    return made;
  }
}

interface Pem {
  readonly key: string;
  readonly certificate: string;
}

/** Undefined if it is missing or damaged, or would expire before the certificates that it signs. */
function readAuthority(file: string, now: number): Pem | undefined {
  try {
    const text = readFileSync(file, "utf8");
    const begin = text.indexOf("-----BEGIN CERTIFICATE-----");
    const pem = { key: text.slice(0, begin), certificate: text.slice(begin) };
    const certificate = new X509Certificate(pem.certificate);
    const outlives = Date.parse(certificate.validTo) > now + serverDays * dayMs;
    return outlives && certificate.checkPrivateKey(createPrivateKey(pem.key)) ? pem : undefined;
  } catch {
    return undefined;
  }
}

function createAuthority(file: string, now: number): Pem {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = `Emulator of Twilio Conversations ${new Date(now).toISOString().slice(0, 19)}`;
  const certificate = createCertificate({
    subject: name,
    publicKey: createPublicKey(privateKey),
    issuer: { name, publicKey, privateKey },
    kind: "authority",
    domain: "twilio.com",
    notBefore: now - dayMs,
    notAfter: now + authorityDays * dayMs,
  });
  const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  replaceFile(file, key + certificate, 0o600);
  return { key, certificate };
}

/** Key and certificate are one file, which is replaced atomically: another process never reads an incomplete file. */
function replaceFile(file: string, text: string, mode: number): void {
  const temporary = `${file}.${process.pid}`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode, flag: "wx" });
  renameSync(temporary, file);
}

function commonName(certificate: X509Certificate): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "";
}
