import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { relative } from "node:path";
import { expect } from "vitest";
import { allOperations } from "../../../emulator/api/operations.ts";
import { findOperation, productOf } from "../check/match.ts";
import { operationName } from "../check/specification.ts";

/*
 * A setup file of Vitest: appends "file TAB operation" to the file that COVERAGE_RECORD names, for each request
 * that a server in this process answered. Tests need no changes for it.
 */

const output = process.env.COVERAGE_RECORD;
const noted = new Set<string>();

if (output !== undefined) {
  subscribe("http.server.response.finish", (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const { testPath } = expect.getState();
    const name = response.statusCode === 501 ? undefined : operationOf(request);
    if (testPath === undefined || name === undefined) return;
    const line = `${relative("test", testPath)}\t${name}\n`;
    if (!noted.has(line)) appendFileSync(output, line);
    noted.add(line);
  });
}

/** A request to a host that is not Twilio's may be for any product. */
function operationOf({ method = "", url = "", headers }: IncomingMessage): string | undefined {
  const host = headers.host ?? "";
  const products = [...new Set(allOperations.map(({ product }) => product))];
  const hosts = host.endsWith(".twilio.com") ? [host] : products.map((product) => `${product}.twilio.com`);
  const found = hosts
    .filter((candidate) => products.some((product) => product === productOf({ host: candidate })))
    .map((candidate) => findOperation(allOperations, { host: candidate, method, url }))
    .find((operation) => operation !== undefined);
  return found === undefined ? undefined : operationName(found);
}
