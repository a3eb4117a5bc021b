import { connect, type Socket } from "node:net";

/** Measurements of a load. */
export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds from a request's first byte to its answer's last byte. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

/** Where to send requests, and a function that makes each whole HTTP/1.1 request. */
export interface Load {
  readonly port: number;
  readonly request: () => string;
  readonly status: number;
  readonly connections?: number;
  /** The number of concurrent requests on a connection; 1 if omitted. */
  readonly depth?: number;
}

/** Sends requests for `ms`; each connection sends the next one after an answer. */
export async function loadFor(load: Load, ms: number): Promise<LoadResult> {
  const end = performance.now() + ms;
  return run(load, () => performance.now() < end);
}

/** Sends `count` requests. */
export async function loadTimes(load: Load, count: number): Promise<LoadResult> {
  let left = count;
  return run(load, () => left-- > 0);
}

/** Uses plain sockets and parses no headers, so that the generator is faster than the server. */
async function run(load: Load, goesOn: () => boolean): Promise<LoadResult> {
  const latencies: number[] = [];
  const begun = performance.now();
  const sockets = Array.from({ length: load.connections ?? 10 }, () => converse(load, goesOn, latencies));
  await Promise.all(sockets);
  const seconds = (performance.now() - begun) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  const longest = latencies.at(-1) ?? Number.NaN;
  return { perSecond: latencies.length / seconds, p50: quantile(0.5), p99: quantile(0.99), longest };
}

/** One connection from its first request to its last answer. */
function converse(load: Load, goesOn: () => boolean, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: load.port, host: "127.0.0.1", noDelay: true });
    const sent: number[] = [];
    let rest: Buffer = Buffer.alloc(0);
    const send = () => {
      if (goesOn()) {
        sent.push(performance.now());
        socket.write(load.request());
      } else if (sent.length === 0) socket.end(resolve);
    };
    socket.on("error", reject);
    socket.on("connect", () => {
      for (let i = 0; i < (load.depth ?? 1); i += 1) send();
    });
    socket.on("data", (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (
        let answer = lengthOf(rest);
        answer !== undefined && answer <= rest.length;
        answer = lengthOf(rest)
      ) {
        const status = Number(rest.toString("latin1", 9, 12));
        if (status !== load.status) {
          reject(new Error(`${status} instead of ${load.status}: ${rest.toString("utf8", 0, 2000)}`));
          socket.destroy();
          return;
        }
        rest = rest.subarray(answer);
        latencies.push(performance.now() - (sent.shift() ?? 0));
        send();
      }
    });
  });
}

const headerEnd = Buffer.from("\r\n\r\n");
const lengthHeader = Buffer.from("\r\nContent-Length: ");

/** The length of the first answer in bytes, if it is known yet. */
function lengthOf(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(headerEnd);
  if (end === -1) return undefined;
  const at = bytes.indexOf(lengthHeader) + lengthHeader.length;
  return end + headerEnd.length + Number.parseInt(bytes.toString("latin1", at, at + 9), 10);
}
