import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  bitString,
  context,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  truth,
  utcTime,
  utf8,
} from "./der.ts";

/** The contents of a certificate (RFC 5280). Keys are of the curve P-256. */
export interface CertificateOptions {
  readonly subject: string;
  readonly publicKey: KeyObject;
  /** The issuer: for the authority itself, its own name and keys. */
  readonly issuer: { readonly name: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** An authority signs for `domain` and its subdomains; a server certificate is for `domain` only. */
  readonly kind: "authority" | "server";
  readonly domain: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));

/** Creates a certificate, as PEM. */
export function createCertificate(options: CertificateOptions): string {
  const { subject, issuer, publicKey, notBefore, notAfter } = options;
  // A serial number is at most 20 bytes and positive.
  const serial = Buffer.concat([Buffer.of(0x01), randomBytes(15)]);
  const body = sequence(
    context(0, integer(Buffer.of(2))),
    integer(serial),
    ecdsaWithSha256,
    nameOf(issuer.name),
    sequence(utcTime(notBefore), utcTime(notAfter)),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    context(3, sequence(...extensions(options))),
  );
  const certificate = sequence(body, ecdsaWithSha256, bitString(sign("sha256", body, issuer.privateKey)));
  const lines = certificate.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function extensions({ kind, domain, publicKey, issuer }: CertificateOptions): Buffer[] {
  const names = implicit(2, Buffer.from(domain, "ascii"));
  const common = [
    extension("2.5.29.14", octetString(keyId(publicKey))),
    extension("2.5.29.35", sequence(implicit(0, keyId(issuer.publicKey)))),
  ];
  if (kind === "authority") {
    return [
      critical("2.5.29.19", sequence(truth)),
      // keyCertSign and cRLSign
      critical("2.5.29.15", bitString(Buffer.of(0b0000_0110), 1)),
      // A stolen key cannot sign for other domains.
      critical("2.5.29.30", sequence(context(0, sequence(names)))),
      ...common,
    ];
  }
  return [
    critical("2.5.29.19", sequence()),
    // digitalSignature
    critical("2.5.29.15", bitString(Buffer.of(0b1000_0000), 7)),
    // serverAuth
    extension("2.5.29.37", sequence(objectId("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.17", sequence(names)),
    ...common,
  ];
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), octetString(value));
}

function critical(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), truth, octetString(value));
}

/** A distinguished name with only a common name. */
function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(objectId("2.5.4.3"), utf8(commonName))));
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}
