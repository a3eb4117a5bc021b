import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { root } from "../../infra/endpoints.ts";
import { type LambdaFunction, runtimeArguments } from "../../tools/bench/invocation.ts";

/** The program of AWS's runtime interface client: in AWS_LAMBDA_RIC, the package's folder, or installed; else undefined. */
export function runtimeClient(): string | undefined {
  const given = process.env.AWS_LAMBDA_RIC;
  const file = given ? join(given, "bin/index.mjs") : installedClient();
  return file !== undefined && existsSync(file) ? file : undefined;
}

function installedClient(): string | undefined {
  try {
    return join(createRequire(join(root, "package.json")).resolve("aws-lambda-ric"), "../../bin/index.mjs");
  } catch {
    return undefined;
  }
}

interface Invocation {
  readonly id: string;
  readonly event: object;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A Lambda function in a process of its own, which polls for events as on Lambda: under AWS's runtime interface client, or under
 * a loop with the same protocol.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class LambdaRuntime {
  readonly #waiting: Invocation[] = [];
  readonly #running = new Map<string, Invocation>();
  #poll: ServerResponse | undefined;
  #process: ChildProcess | undefined;
  #output = "";
  /** The programs of the process, which another one must not write again while it starts. */
  readonly #programs = mkdtempSync(join(tmpdir(), "parley-runtime-"));
  readonly #server = createServer(async (request, response) => {
    if (request.url?.endsWith("/next")) {
      this.#poll = response;
      this.#hand();
      return;
    }
    const result = await json(request);
    response.writeHead(202).end();
    const [, id = "", kind] = /\/invocation\/([^/]+)\/(response|error)$/.exec(request.url ?? "") ?? [];
    const error = new Error(`${JSON.stringify(result)}\n${this.#output}`);
    const failed = kind === "response" ? [] : [...(id === "" ? this.#waiting : []), this.#running.get(id)];
    for (const one of failed) one?.reject(error);
    if (kind === "response") this.#running.get(id)?.resolve(result);
    this.#running.delete(id);
  });

  static async start(
    { folder, variables }: LambdaFunction,
    client: string | undefined,
  ): Promise<LambdaRuntime> {
    const runtime = new LambdaRuntime();
    await new Promise<void>((resolve) => runtime.#server.listen(0, "127.0.0.1", resolve));
    const { port } = runtime.#server.address() as AddressInfo;
    const child = spawn(process.execPath, runtimeArguments(runtime.#programs, client), {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        ...variables,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        AWS_LAMBDA_FUNCTION_NAME: "test",
        AWS_LAMBDA_FUNCTION_VERSION: "1",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
        AWS_LAMBDA_LOG_GROUP_NAME: "test",
        AWS_LAMBDA_LOG_STREAM_NAME: "test",
        LAMBDA_TASK_ROOT: folder,
      },
      stdio: ["ignore", "pipe", "pipe", "ignore"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (text) => {
        runtime.#output += text;
      });
    child.once("exit", (code) => {
      const error = new Error(`The function ended with exit code ${code}:\n${runtime.#output}`);
      for (const one of [...runtime.#waiting, ...runtime.#running.values()]) one.reject(error);
    });
    runtime.#process = child;
    return runtime;
  }

  /** Rejects with the function's output if it throws or does not start. */
  invoke(event: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id: crypto.randomUUID(), event, resolve, reject });
      this.#hand();
    });
  }

  /** What the function has printed. */
  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.#programs, { recursive: true });
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  #hand(): void {
    const poll = this.#poll;
    if (poll === undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#poll = undefined;
    this.#running.set(next.id, next);
    // AWS's client compares the names with their case.
    const headers = {
      "Content-Type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": next.id,
      "Lambda-Runtime-Deadline-Ms": String(Date.now() + 30_000),
      "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:123456789012:function:test",
    };
    poll.writeHead(200, headers).end(JSON.stringify(next.event));
  }
}
