import { spawn, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { root } from "../../infra/endpoints.ts";
import { freePort } from "../../tools/local/local.ts";

export const REGION = "eu-central-1";

/** The commands that an emulated AWS needs and this machine lacks. */
export function missingForMoto(): string[] {
  const needed = [
    ["aws", "--version"],
    ["moto_server", "--help"],
    ["python3", "-c", "import samtranslator, boto3, tomllib"],
  ];
  return needed
    .filter(([program = "", ...args]) => spawnSync(program, args).status !== 0)
    .map((command) => command.join(" "));
}

/** Moto, an emulator of AWS, and a stand-in for the SAM CLI. */
export class Moto {
  readonly url: string;
  /** For programs that use AWS. */
  readonly env: NodeJS.ProcessEnv;
  readonly #stop: () => void;

  private constructor(url: string, env: NodeJS.ProcessEnv, stop: () => void) {
    this.url = url;
    this.env = env;
    this.#stop = stop;
  }

  /** @param folder For the stand-in's program. */
  static async start(folder: string): Promise<Moto> {
    const port = await freePort();
    // Nothing reads its log, which grows with each request.
    const cloud = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    const url = `http://127.0.0.1:${port}`;
    const isUp = () => fetch(`${url}/`).then(({ ok }) => expect(ok).toBe(true));
    await vi.waitFor(isUp, { timeout: 100_000, interval: 200 });
    const sam = join(folder, "sam");
    writeFileSync(sam, `#!/bin/sh\nexec python3 '${join(root, "test/support/sam.py")}' "$@"\n`);
    chmodSync(sam, 0o755);
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      HOME: process.env.HOME,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: url,
    };
    return new Moto(url, env, () => cloud.kill());
  }

  stop(): void {
    this.#stop();
  }

  /** Calls an operation of a service with the JSON protocol; quicker than the AWS CLI. */
  async call<Result>(service: string, target: string, body: object): Promise<Result> {
    const response = await fetch(`${this.url}/`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": target,
        // Moto routes by the scope and verifies no signature.
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${target}: ${text}`);
    return JSON.parse(text || "{}") as Result;
  }

  /** A stand-in for the secrets extension, which Lambda starts beside each function. @returns its port. */
  async startSecretsExtension(): Promise<{ readonly port: number; stop(): void }> {
    const server = createServer(async (request, response) => {
      const secretId = new URL(request.url ?? "", "http://localhost").searchParams.get("secretId");
      const secret = await this.call("secretsmanager", "secretsmanager.GetSecretValue", {
        SecretId: secretId,
      });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(secret));
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
  }
}
