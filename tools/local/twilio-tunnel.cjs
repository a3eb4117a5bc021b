/*
 * Loaded into Node programs by `npm run exec`, through NODE_OPTIONS: connections to *.twilio.com go through the proxy
 * that HTTPS_PROXY names, which `ws` and plain `https` do not use; and browsers that programs start, as Playwright
 * does, get the flags in CHROMIUM_PROXY_FLAGS. Later changes of the program's environment have no effect:
 * `twilio-run` replaces it, for itself and its workers, by the .env file. CommonJS, so that every Node can load it.
 */
const childProcess = require("node:child_process");
const { syncBuiltinESMExports } = require("node:module");
const net = require("node:net");
const { basename } = require("node:path");
const { Duplex } = require("node:stream");
const tls = require("node:tls");

const proxy = process.env.HTTPS_PROXY ? new URL(process.env.HTTPS_PROXY) : undefined;
const flags = JSON.parse(process.env.CHROMIUM_PROXY_FLAGS ?? "[]");
const inherited = Object.fromEntries(
  ["HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "NODE_USE_ENV_PROXY"].map((name) => [
    name,
    process.env[name],
  ]),
);
const isTwilio = (host) => typeof host === "string" && /(^|\.)twilio\.com$/i.test(host);
const isChromium = (program) =>
  /^(chromium|chrome|google-chrome|msedge|headless_shell)/i.test(basename(String(program)));

/** A stream to a host through the proxy: writes wait until the proxy has connected. */
function tunnelTo(host, port) {
  const socket = net.connect(Number(proxy.port || 80), proxy.hostname);
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => connected.then(() => socket.write(chunk, done), done),
    final: (done) => connected.then(() => socket.end(done), done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const connected = new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const read = (chunk) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      socket.off("data", read);
      if (!head.toString("latin1").startsWith("HTTP/1.1 200")) {
        reject(new Error(`The proxy ${proxy.host} does not connect to ${host}`));
        return;
      }
      socket.on("data", (data) => stream.push(data) || socket.pause());
      if (head.length > end + 4) stream.push(head.subarray(end + 4));
      resolve();
    };
    socket.on("data", read);
  });
  connected.catch((error) => stream.destroy(error));
  socket.on("end", () => stream.push(null));
  socket.on("error", (error) => stream.destroy(error));
  socket.on("close", () => stream.destroy());
  stream.ref = () => socket.ref();
  stream.unref = () => socket.unref();
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  return stream;
}

const { connect } = tls;
tls.connect = (...args) => {
  const options = typeof args[0] === "object" ? args[0] : { port: args[0], host: args[1], ...args[2] };
  // A given socket is a tunnel that another library has opened.
  if (proxy === undefined || options.socket !== undefined || !isTwilio(options.host)) return connect(...args);
  const socket = tunnelTo(options.host, options.port ?? 443);
  const done = args.find((arg) => typeof arg === "function");
  const secure = connect({ ...options, socket, servername: options.servername || options.host }, done);
  // ref() and unref() apply to the underlying connection, which would otherwise keep the program running.
  for (const name of ["ref", "unref"])
    secure[name] = () => {
      socket[name]();
      return secure;
    };
  return secure;
};

const { fork } = childProcess;
childProcess.fork = (module, ...rest) => {
  const args = Array.isArray(rest[0]) ? rest[0] : [];
  const options = rest.find((value) => typeof value === "object" && !Array.isArray(value)) ?? {};
  return fork(module, args, { ...options, env: { ...inherited, ...(options.env ?? process.env) } });
};

const { spawn } = childProcess;
childProcess.spawn = (program, args, ...rest) =>
  isChromium(program) && Array.isArray(args)
    ? spawn(program, [...flags, ...args], ...rest)
    : spawn(program, args, ...rest);

syncBuiltinESMExports();
