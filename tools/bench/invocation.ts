import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";

/** A function of Lambda: a folder whose `index.js` exports `handler`, and its environment. */
export interface LambdaFunction {
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Of a whole process, from its start to its first answer. */
export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Node parses the root certificates on another thread, which may end after the answer. */
const TIME_FOR_THREADS_MS = 60;

/** Prints the CPU time of all threads. */
const REPORT = `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  require("node:fs").writeSync(3, String((user + system) / 1000));
});`;

/** The protocol of Lambda's runtime interface, with the least code. */
const LOOP = `const { request } = require("node:http");
const { handler } = require(process.cwd() + "/index.js");
const call = (method, path, body) => new Promise((resolve, reject) => {
  const url = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/" + path;
  request(url, { method }, (response) => {
    let text = "";
    response.on("data", (chunk) => { text += chunk; }).on("end", () => resolve([response.headers, text]));
  }).on("error", reject).end(body);
});
(async () => {
  for (;;) {
    const [headers, text] = await call("GET", "next");
    const id = headers["lambda-runtime-aws-request-id"];
    const context = { awsRequestId: id, getRemainingTimeInMillis: () => 9000 };
    const result = await handler(JSON.parse(text), context);
    await call("POST", id + "/response", JSON.stringify(result));
  }
})().catch(() => process.exit());`;

/**
 * The arguments of Node for the processes of {@link invokeOnce}. Writes programs to a folder.
 *
 * @param client The file of AWS's runtime interface client; a loop over `node:http` if undefined.
 */
export function runtimeArguments(folder: string, client: string | undefined): readonly string[] {
  const [report, loop] = [join(folder, "report.cjs"), join(folder, "loop.cjs")];
  writeFileSync(report, REPORT);
  writeFileSync(loop, LOOP);
  return ["--require", report, ...(client === undefined ? [loop] : [client, "index.handler"])];
}

/**
 * Starts a process that polls for invocations, as Lambda does, and invokes it once.
 *
 * @throws if the function does not succeed.
 */
export async function invokeOnce(
  { folder, variables }: LambdaFunction,
  event: object,
  runtime: readonly string[],
): Promise<Cost> {
  let resolveAnswer: (body: string) => void = () => {};
  let rejectAnswer: (error: Error) => void = () => {};
  const answered = new Promise<string>((resolve, reject) => {
    resolveAnswer = resolve;
    rejectAnswer = reject;
  });
  let invocations = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url?.endsWith("/next")) {
      invocations += 1;
      // The second request for an event ends the process: while it waits, AWS's client blocks the main thread.
      if (invocations > 1) {
        setTimeout(() => response.destroy(), TIME_FOR_THREADS_MS);
        return;
      }
      // The client of AWS compares the names with their case.
      const headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": crypto.randomUUID(),
        "Lambda-Runtime-Deadline-Ms": String(Date.now() + 9_000),
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:123456789012:function:bench",
      };
      response.writeHead(200, headers).end(JSON.stringify(event));
      return;
    }
    if (request.url?.endsWith("/response")) resolveAnswer(body);
    else rejectAnswer(new Error(`${folder}: ${body}`));
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const env = {
    ...variables,
    PATH: process.env.PATH,
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_LOG_GROUP_NAME: "bench",
    AWS_LAMBDA_LOG_STREAM_NAME: "bench",
    LAMBDA_TASK_ROOT: folder,
  };
  const begun = performance.now();
  const child = spawn(process.execPath, runtime, {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [, ...outputs] = child.stdio as Readable[];
  const [printed, complaints, usage] = outputs.map((output) => text(output));
  try {
    child.once("exit", async (code) =>
      rejectAnswer(new Error(`${folder} ended with ${code}: ${await printed}${await complaints}`)),
    );
    assertSucceeded(await answered, folder);
    const wallMs = performance.now() - begun;
    return { cpuMs: Number(await usage), wallMs };
  } finally {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    server.close();
    server.closeAllConnections();
  }
}

function assertSucceeded(answer: string, folder: string): void {
  const { statusCode, body = "", batchItemFailures = [] } = JSON.parse(answer === "" ? "null" : answer) ?? {};
  const failed = statusCode >= 300 || batchItemFailures.length > 0 || body.includes('"status":"ignored"');
  if (failed) throw new Error(`${folder} answered ${answer}`);
}
