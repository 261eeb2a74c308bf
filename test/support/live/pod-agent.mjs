// Runs in the network namespace of a pod: its server, the client of requests that it sends, and its proxy. Told what it is by its
// argument; answers each line of JSON on its standard input with one, and ends with the input.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import process from 'node:process';
import readline from 'node:readline';
import tls from 'node:tls';

const { pod, ports, certificate, identity, envoy, interception } = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
/** Longer than any proxy tries to connect. */
const PATIENCE = 12_000;

// Envoy is no root, and gateways listen on low ports.
writeFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', '0');
if (interception) {
  const { status, stderr } = spawnSync('iptables-restore', { input: interception, encoding: 'utf8' });
  if (status !== 0) throw new Error(`iptables-restore: ${stderr}`);
}

/** Answers HTTP with JSON about the request, in TLS or not, and anything else with one line of JSON about the connection. */
function serve(port) {
  const answer = (socket) => (request, response) => {
    const { method, url, headers } = request;
    const body = JSON.stringify({
      pod,
      port,
      tls: socket.servername ?? null,
      method,
      path: url,
      host: headers.host ?? null,
      headers,
    });
    const status = /echo-status=([0-9]+)/.exec(url)?.[1] ?? headers['x-echo-status'] ?? 200;
    request.resume().on('end', () => {
      response.writeHead(Number(status), { 'content-length': Buffer.byteLength(body), 'content-type': 'application/json' });
      response.end(method === 'HEAD' ? undefined : body);
    });
  };
  const peek = (socket, choose) => {
    socket.on('error', () => {});
    socket.once('readable', () => {
      const first = socket.read();
      if (first === null) return void socket.end();
      socket.unshift(first);
      choose(first);
    });
  };
  const plain = (socket) =>
    peek(socket, (first) => {
      if (/^[A-Z]+ /.test(first.toString('latin1'))) http.createServer(answer(socket)).emit('connection', socket);
      else socket.resume().end(`${JSON.stringify({ pod, port, tls: socket.servername ?? null })}\n`);
    });
  const secure = tls.createServer({ key: certificate.key, cert: certificate.chain }, plain).on('tlsClientError', () => {});
  return new Promise((resolve) => {
    const server = net.createServer((socket) =>
      peek(socket, (first) => (first[0] === 22 ? secure.emit('connection', socket) : plain(socket))),
    );
    server.listen(port, '0.0.0.0', resolve);
  });
}

function connect({ ip, port, scheme, serverName, showsCertificate }) {
  if (scheme !== 'https' && scheme !== 'tls') return net.connect(port, ip);
  return tls.connect({
    host: ip,
    port,
    rejectUnauthorized: false,
    ...(serverName && { servername: serverName }),
    ...(scheme === 'https' && { ALPNProtocols: ['http/1.1'] }),
    ...(showsCertificate && { key: identity.key, cert: identity.chain }),
  });
}

/** What comes back: status 0 without an answer. */
function send(request) {
  return new Promise((resolve) => {
    const socket = connect(request);
    const end = (status, body, headers = {}) => {
      socket.destroy();
      resolve({ status, body, headers });
    };
    socket.setTimeout(PATIENCE, () => end(0, ''));
    if (request.scheme === 'tcp' || request.scheme === 'tls') {
      let body = '';
      socket.on('data', (data) => {
        body += data;
      });
      socket.on('error', () => {}).on('close', () => end(0, body));
      socket.write('\u0001 no HTTP\n');
      return;
    }
    const { method, path, headers } = request;
    const asked = http.request({ method, path, headers, setHost: false, createConnection: () => socket });
    asked.on('error', () => end(0, ''));
    asked.on('response', (response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('error', () => end(0, body)).on('end', () => end(response.statusCode, body, response.headers));
    });
    asked.end();
  });
}

/** Starts the proxy, and waits until it is ready; gives why it is not. */
async function startProxy({ binary, file, log, user }) {
  const options = [
    '-c',
    file,
    '-l',
    'warning',
    '--disable-hot-restart',
    '--concurrency',
    '1',
    '--file-flush-interval-msec',
    '20',
  ];
  const child = spawn(binary, options, { uid: user, gid: user, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = createWriteStream(log);
  child.stdout.pipe(output);
  child.stderr.pipe(output);
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  process.on('exit', () => child.kill('SIGKILL'));
  while (!ended) {
    const { status } = await send({
      ip: '127.0.0.1',
      port: 15000,
      scheme: 'http',
      method: 'GET',
      path: '/ready',
      headers: { host: 'admin' },
    });
    if (status === 200) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /\[(error|critical)\]/.test(line));
  return lines.map((line) => line.slice(0, 500)).join('\n') || 'the proxy ended';
}

// Whoever started this ends it by closing its input, and it takes its proxy along.
const lines = readline.createInterface({ input: process.stdin }).on('close', () => process.exit());
await Promise.all(ports.map(serve));
const refusal = envoy && (await startProxy(envoy));
lines.on('line', async (line) => {
  const { times, ...request } = JSON.parse(line);
  if (times === undefined) return say(await send(request));
  // Only how often each pod answered.
  const pods = {};
  for (let count = 0; count < times; count++) {
    const { body } = await send(request);
    const answering = /^\{"pod":"([^"]*)"/.exec(body)?.[1] ?? '';
    pods[answering] = (pods[answering] ?? 0) + 1;
  }
  say({ pods });
});
say(refusal === undefined ? { ready: true } : { refusal });
