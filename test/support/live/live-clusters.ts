import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { type Certificate, createAuthority } from './authority.ts';
import { type ClusterNetwork, interceptionRules, type LivePod, podsBehind } from './cluster-network.ts';
import { createNamespaces, OUTSIDE } from './namespaces.ts';
import { type LogLine, playIstioProxy } from './stock-envoy.ts';

/** The user that proxies run as, by which the rules of a pod know them. */
const PROXY_USER = 1337;
/** How long a line of a log may take to come, and how often it is looked for, in milliseconds. */
const LOG_PATIENCE = 1_500;
const LOG_INTERVAL = 15;
const agentFile = resolve(import.meta.dirname, 'pod-agent.mjs');

/** A request as a client sends it. */
export interface LiveRequest {
  readonly ip: string;
  readonly port: number;
  readonly scheme: 'http' | 'https' | 'tcp' | 'tls';
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serverName?: string | undefined;
  readonly showsCertificate?: boolean | undefined;
}

/** What the client got; status 0 for no answer. */
export interface LiveAnswer {
  readonly status: number;
  readonly body: string;
}

/** Clusters that run: their pods with servers and proxies, each in a network namespace of its own. */
export interface LiveClusters {
  /** Sends a request from a pod, or from outside, and gives the answer with what the first proxy on the way logged of it. */
  send(from: string, request: LiveRequest): Promise<{ readonly answer: LiveAnswer; readonly log: LogLine | undefined }>;
  /** How many of so many requests each pod answers, `` for none. */
  count(from: string, request: LiveRequest, times: number): Promise<Readonly<Record<string, number>>>;
  stop(): void;
}

interface Agent {
  readonly ready: Promise<void>;
  ask<Answer>(question: object): Promise<Answer>;
  stop(): void;
}

/** Starts clusters: `bootstraps` are what mesh writes for the proxy of each pod that has one. */
export async function startClusters(
  network: ClusterNetwork,
  bootstraps: ReadonlyMap<string, unknown>,
  envoy: string,
): Promise<LiveClusters> {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-live-'));
  chmodSync(folder, 0o755);
  const authority = createAuthority(folder);
  const ofServers = authority.certificateOf(['DNS:echo']);
  const namespaces = createNamespaces(network);
  const agents = new Map<string, Agent>();
  const stop = (): void => {
    for (const agent of agents.values()) agent.stop();
    namespaces.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  // Whatever ends the process, no namespace stays.
  process.once('exit', stop);
  const logOf = (pod: LivePod): string => join(folder, String(network.pods.indexOf(pod)), 'access.log');
  try {
    for (const [index, pod] of network.pods.entries()) {
      const bootstrap = bootstraps.get(pod.key);
      const identity = authority.certificateOf([`URI:${pod.identity}`]);
      const own = join(folder, String(index));
      mkdirSync(own);
      chmodSync(own, 0o777);
      const file = join(own, 'envoy.json');
      if (bootstrap !== undefined) {
        writeFileSync(file, JSON.stringify(playIstioProxy(bootstrap, logOf(pod), identity, authority.root)));
      }
      agents.set(
        pod.key,
        startAgent(namespaces.nameOf(pod.key), {
          pod: pod.key,
          ports: pod.isIntercepted ? pod.ports : [],
          certificate: ofServers,
          identity,
          ...(bootstrap !== undefined && {
            envoy: { binary: envoy, file, log: join(own, 'envoy.log'), user: PROXY_USER },
            ...(pod.isIntercepted && { interception: interceptionRules(PROXY_USER) }),
          }),
        }),
      );
    }
    const outside = authority.certificateOf(['DNS:client.example']);
    agents.set(
      OUTSIDE,
      startAgent(namespaces.nameOf(OUTSIDE), { pod: OUTSIDE, ports: [], certificate: ofServers, identity: outside }),
    );
    await Promise.all([...agents.values()].map(({ ready }) => ready));
  } catch (error) {
    stop();
    throw error;
  }
  let watches = 0;
  /** The headers that a request is known by in logs, and what the first proxies on its way log of it from now on. */
  const watched = (from: string, request: LiveRequest) => {
    const client = network.pods.find(({ key }) => key === from);
    const entries = (
      client !== undefined && bootstraps.has(from) ? [client] : podsBehind(network, request.ip, request.port, client?.cluster)
    ).filter(({ key }) => bootstraps.has(key));
    const id = `t${watches++}`;
    const logs = entries.map((pod) => ({ file: logOf(pod), from: sizeOf(logOf(pod)) }));
    const isOfClient = entries.some((pod) => pod === client);
    const local = `${request.ip}:${request.port}`;
    const isIts = (line: LogLine): boolean => {
      if (isOfClient && line.side === 'INBOUND') return false;
      return line.id === id || ((line.id ?? '-') === '-' && (!isOfClient || line.local === local));
    };
    const linesOfIt = () => logs.flatMap(linesSince).filter(isIts);
    return {
      headers: { 'x-test-id': id, ...request.headers },
      isLogged: (lines: number) => logs.length === 0 || linesOfIt().length >= lines,
      linesOfIt,
    };
  };
  return {
    stop: () => {
      process.removeListener('exit', stop);
      stop();
    },
    async count(from, request, times) {
      const { headers, isLogged } = watched(from, request);
      const counted = await agents.get(from)?.ask<{ pods: Record<string, number> }>({ ...request, headers, times });
      // Else what is logged late would be taken for that of the next request.
      await patiently(() => isLogged(times));
      return counted?.pods ?? {};
    },
    async send(from, request) {
      const { headers, isLogged, linesOfIt } = watched(from, request);
      const answer = (await agents.get(from)?.ask<LiveAnswer>({ ...request, headers })) ?? { status: 0, body: '' };
      await patiently(() => isLogged(1));
      return { answer, log: linesOfIt().at(-1) };
    },
  };
}

/** Waits for what will be logged, if it will: of a request that reaches no proxy, nothing is. */
async function patiently(isThere: () => boolean): Promise<void> {
  for (let waited = 0; waited < LOG_PATIENCE && !isThere(); waited += LOG_INTERVAL) {
    await new Promise((done) => setTimeout(done, LOG_INTERVAL));
  }
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function linesSince({ file, from }: { readonly file: string; readonly from: number }): LogLine[] {
  if (sizeOf(file) <= from) return [];
  const lines = readFileSync(file).subarray(from).toString('utf8').split('\n');
  // The last is empty, or not yet whole.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as LogLine);
}

/** What an agent is told of its pod. */
interface AboutPod {
  readonly pod: string;
  readonly ports: readonly number[];
  /** What its server shows, and who it is to others. */
  readonly certificate: Certificate;
  readonly identity: Certificate;
  readonly envoy?: { readonly binary: string; readonly file: string; readonly log: string; readonly user: number };
  readonly interception?: string;
}

function startAgent(namespace: string, about: AboutPod): Agent {
  const child: ChildProcessWithoutNullStreams = spawn('ip', [
    'netns',
    'exec',
    namespace,
    process.execPath,
    agentFile,
    JSON.stringify(about),
  ]);
  const waiting: ((line: string) => void)[] = [];
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const next = (): Promise<string> => new Promise((done) => void waiting.push(done));
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  child.on('exit', () => {
    for (const done of waiting.splice(0)) done(JSON.stringify({ refusal: errors }));
  });
  const ready = next().then((line) => {
    const { refusal } = JSON.parse(line) as { refusal?: string };
    if (refusal !== undefined) throw new Error(`${about.pod}: ${refusal}`);
  });
  return {
    ready,
    async ask<Answer>(question: object) {
      const answer = next();
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return JSON.parse(await answer) as Answer;
    },
    stop: () => void child.stdin.end(),
  };
}
