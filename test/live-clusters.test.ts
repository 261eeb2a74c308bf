import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeIo } from '../src/cli/io.ts';
import { run } from '../src/cli/main.ts';
import { nodeFiles } from '../src/files/node-files.ts';
import { loadEachCluster } from '../src/input/load.ts';
import { decodeTable, type RequestTable } from '../src/operations/request-tables/request-table.ts';
import { resolveRequest } from '../src/operations/request-tables/resolve-request.ts';
import { parseText } from '../src/source/parse.ts';
import { podNamed, seenFrom } from '../src/trace/data-plane.ts';
import { type Observation, observed } from '../src/trace/expectation.ts';
import { entryOf } from '../src/trace/first-proxy.ts';
import { runTable, type TableResult, toTraceRequest } from '../src/trace/table.ts';
import { openPrimaries } from '../src/workbench/clusters.ts';
import { type Surroundings, surroundingsOf } from '../src/workbench/surroundings.ts';
import { findEnvoy } from './support/envoy.ts';
import { balancerOf, type ClusterNetwork, clusterNetworkOf } from './support/live/cluster-network.ts';
import { type LiveClusters, type LiveRequest, startClusters } from './support/live/live-clusters.ts';
import { lackingForLiveProxies } from './support/live/requirements.ts';
import { clusterOfLog } from './support/live/stock-envoy.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures');
const lacking = lackingForLiveProxies();
if (lacking !== undefined) console.warn(`No requests were sent across clusters of real Envoys, for want of ${lacking}.`);
const quiet = { ...createNodeIo(), err: () => {} };

/** Ways that are rarer than this need not be seen. */
const RARE = 0.04;
/** How often a request that can go several ways is sent at most until it went all of them. */
const TRIES = 120;

/** How many requests tell how often a pod answers. */
const SAMPLE = 200;

/** A way of a request: what the columns of a table hold for it, and what the server got. */
type Way = Observation & { readonly got: object | null };

/** Clusters of a fixture, a folder each, with its table of requests. */
interface Scenario {
  readonly clusters: readonly string[];
  readonly network: ClusterNetwork;
  readonly surroundings: Surroundings;
  readonly results: readonly TableResult[];
}

for (const name of ['two-networks', 'hub-and-branch']) {
  const scenario = await scenarioOf(join(fixtures, name));
  describe.skipIf(lacking !== undefined)(`requests across the clusters of ${name}`, { timeout: 60_000 }, () => {
    let clusters: LiveClusters;
    beforeAll(async () => {
      clusters = await startClusters(scenario.network, await bootstrapsOf(scenario), findEnvoy() ?? '');
    }, 120_000);
    afterAll(() => clusters?.stop());

    for (const [index, result] of scenario.results.entries()) {
      const { request } = result;
      const title = `${index + 1}: ${request.from} ${request.method ?? 'GET'} ${request.host ?? request.to}${request.path ?? ''}`;
      test.skipIf(request.unresolved !== undefined)(title, async () => {
        const foretold = foretoldOf(result, scenario);
        const expected = new Set(foretold.map((way) => JSON.stringify(way)));
        const missing = new Set(expected);
        for (let tries = 0; tries === 0 || (missing.size > 0 && tries < TRIES); tries++) {
          const seen = await send(result, scenario, clusters);
          if (!expected.has(JSON.stringify(seen))) expect([seen]).toEqual(foretold);
          missing.delete(JSON.stringify(seen));
        }
        expect([...missing]).toEqual([]);
        if (foretold.length > 1) expect(await unlikelyShares(result, scenario, clusters)).toEqual([]);
      });
    }
  });
}

async function scenarioOf(folder: string): Promise<Scenario> {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const clusters = names.map((name) => `${name}=${join(folder, name)}`);
  const table = tableOf(join(folder, 'requests.mesh-test.yaml'));
  const inputs = await loadEachCluster({ cluster: clusters }, [], { ...nodeFiles, cwd: import.meta.dirname });
  const surroundings = surroundingsOf(openPrimaries(inputs), { ...table, now: Date.UTC(2026, 0, 1) });
  const requests = table.requests.map((request) => resolveRequest(request, surroundings));
  return {
    clusters,
    network: clusterNetworkOf(new Map(names.map((name) => [name, documentsIn(join(folder, name))]))),
    surroundings,
    results: runTable(surroundings.dataPlane, requests),
  };
}

/** What mesh writes for each proxy, by its pod. */
async function bootstrapsOf({ clusters }: Scenario): Promise<ReadonlyMap<string, unknown>> {
  const out = mkdtempSync(join(tmpdir(), 'mesh-live-clusters-'));
  const named = clusters.flatMap((cluster) => ['--cluster', cluster]);
  expect(await run(['translate', ...named, '-o', 'envoy', '--with-secrets', '--out-dir', out], quiet)).toBe(0);
  const read = (file: string): unknown => JSON.parse(readFileSync(join(out, file), 'utf8'));
  const bootstraps = new Map(readdirSync(out).map((file) => [file.replace(/\.json$/, '').replaceAll('.', '/'), read(file)]));
  rmSync(out, { recursive: true });
  return bootstraps;
}

/** The ways that a request can go, as the first proxy and the client see them. */
function foretoldOf({ request, outcomes }: TableResult, { surroundings: { dataPlane } }: Scenario): Way[] {
  const client = podNamed(dataPlane, request.from);
  const entry = entryOf(seenFrom(dataPlane, client ?? podNamed(dataPlane, request.entersAt ?? '')), client, request.to);
  const ways = new Map<string, Way & { share: number }>();
  for (const outcome of outcomes) {
    const way = { ...observed(outcome, entry), got: outcome.status === 0 ? null : receivedOf(outcome.body) };
    const key = JSON.stringify(way);
    ways.set(key, { ...way, share: (ways.get(key)?.share ?? 0) + outcome.share });
  }
  return [...ways.values()].filter(({ share }) => share >= RARE).map(({ share: _, ...way }) => way);
}

/** Pods that answer more or less often than chance explains. */
async function unlikelyShares(result: TableResult, scenario: Scenario, clusters: LiveClusters): Promise<readonly string[]> {
  const counts = await clusters.count(result.request.from, liveRequestOf(result, scenario), SAMPLE);
  const shares = new Map<string, number>();
  for (const outcome of result.outcomes) {
    const pod = observed(outcome, { proxy: undefined, isClient: false }).pod ?? '';
    shares.set(pod, (shares.get(pod) ?? 0) + outcome.share);
  }
  return [...new Set([...shares.keys(), ...Object.keys(counts)])].flatMap((pod) => {
    const [count, share] = [counts[pod] ?? 0, shares.get(pod) ?? 0];
    const tolerance = 5 * Math.sqrt(SAMPLE * share * (1 - share));
    return Math.abs(count - SAMPLE * share) <= tolerance ? [] : [`${pod}: ${count} of ${SAMPLE}, foretold ${share * 100}%`];
  });
}

function liveRequestOf({ request }: TableResult, { network }: Scenario): LiveRequest {
  const { address, scheme, method, target, authority, headers, serverName, clientCertificate } = toTraceRequest(request);
  if ('unresolved' in address) throw new Error('there is nowhere to send it');
  const balancer = request.entersAt === undefined ? undefined : balancerOf(network, request.entersAt, address.port);
  return {
    ip: balancer?.ip ?? address.ip,
    port: balancer?.port ?? address.port,
    scheme,
    method,
    path: target,
    headers: { host: authority, ...Object.fromEntries(headers) },
    serverName,
    showsCertificate: clientCertificate === true,
  };
}

async function send(result: TableResult, scenario: Scenario, clusters: LiveClusters): Promise<Way> {
  const { answer, log } = await clusters.send(result.request.from, liveRequestOf(result, scenario));
  return {
    status: answer.status,
    pod: /^\{"pod":"([^"]*)"/.exec(answer.body)?.[1] ?? null,
    flags: log?.flags ?? null,
    cluster: log?.cluster ? clusterOfLog(log.cluster) : null,
    route: log?.route ?? null,
    details: log?.details ?? log?.termination ?? null,
    got: answer.status === 0 ? null : receivedOf(answer.body),
  };
}

/** What the server says that it got; null where none answered. */
function receivedOf(body: string): object | null {
  if (!body.startsWith('{"pod":')) return null;
  const { port, tls, method, path, host } = JSON.parse(body) as Record<string, unknown>;
  return { port, tls, method, path, host };
}

function documentsIn(cluster: string): readonly unknown[] {
  return readdirSync(cluster)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseText(name, readFileSync(join(cluster, name), 'utf8'), () => {}).map(({ value }) => value));
}

function tableOf(file: string): RequestTable {
  const [document] = parseText(file, readFileSync(file, 'utf8'), () => {});
  const read = document && decodeTable(document);
  if (read === undefined || !('requests' in read)) throw new Error(`${file} is no table: ${JSON.stringify(read)}`);
  return read;
}
