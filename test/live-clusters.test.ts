import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeFiles } from '../src/cli/files/node-files.ts';
import { createNodeIo } from '../src/cli/io.ts';
import { run } from '../src/cli/main.ts';
import { loadEachCluster } from '../src/input/load.ts';
import { decodeTable, type RequestTable } from '../src/operations/request-tables/request-table.ts';
import { resolveRequest } from '../src/operations/request-tables/resolve-request.ts';
import { parseText } from '../src/source/parse.ts';
import { podNamed, seenFrom } from '../src/trace/data-plane.ts';
import { type Observation, observed } from '../src/trace/expectation.ts';
import { entryOf } from '../src/trace/first-proxy.ts';
import { runTable, type TableResult, toTraceRequest } from '../src/trace/table.ts';
import { openPrimaries } from '../src/workbench/clusters.ts';
import { surroundingsOf } from '../src/workbench/surroundings.ts';
import { findEnvoy } from './support/envoy.ts';
import { balancerOf, clusterNetworkOf } from './support/live/cluster-network.ts';
import { type LiveClusters, startClusters } from './support/live/live-clusters.ts';
import { lackingForLiveProxies } from './support/live/requirements.ts';
import { clusterOfLog } from './support/live/stock-envoy.ts';

const folder = resolve(import.meta.dirname, '../fixtures/two-networks');
const lacking = lackingForLiveProxies();
if (lacking !== undefined) console.warn(`No requests were sent across clusters of real Envoys, for want of ${lacking}.`);
const quiet = { ...createNodeIo(), err: () => {} };
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const cluster = names.map((name) => `${name}=${join(folder, name)}`);

const table = tableOf(join(folder, 'requests.mesh-test.yaml'));
const network = clusterNetworkOf(new Map(names.map((name) => [name, documentsIn(join(folder, name))])));
const inputs = await loadEachCluster({ cluster }, [], { ...nodeFiles, cwd: import.meta.dirname });
const surroundings = surroundingsOf(openPrimaries(inputs), { ...table, now: Date.UTC(2026, 0, 1) });
const results = runTable(
  surroundings.dataPlane,
  table.requests.map((request) => resolveRequest(request, surroundings)),
);

/** Ways that are rarer than this need not be seen. */
const RARE = 0.04;
/** How often a request that can go several ways is sent at most until it went all of them. */
const TRIES = 120;

describe.skipIf(lacking !== undefined)(
  'requests across clusters of real Envoys end as they are foretold',
  { timeout: 60_000 },
  () => {
    let clusters: LiveClusters;

    beforeAll(async () => {
      const out = mkdtempSync(join(tmpdir(), 'mesh-live-clusters-'));
      expect(
        await run(['translate', ...cluster.flatMap((one) => ['--cluster', one]), '-o', 'envoy', '--out-dir', out], quiet),
      ).toBe(0);
      const bootstraps = new Map(
        readdirSync(out).map((file) => [
          file.replace(/\.json$/, '').replaceAll('.', '/'),
          JSON.parse(readFileSync(join(out, file), 'utf8')) as unknown,
        ]),
      );
      rmSync(out, { recursive: true });
      clusters = await startClusters(network, bootstraps, findEnvoy() ?? '');
    }, 120_000);
    afterAll(() => clusters?.stop());

    for (const [index, result] of results.entries()) {
      const { request } = result;
      const name = `${index + 1}: ${request.from} ${request.method ?? 'GET'} ${request.host ?? request.to}${request.path ?? ''}`;
      test.skipIf(request.unresolved !== undefined)(name, async () => {
        const foretold = foretoldOf(result);
        const expected = new Set(foretold.map((way) => JSON.stringify(way)));
        const missing = new Set(expected);
        for (let tries = 0; tries === 0 || (missing.size > 0 && tries < TRIES); tries++) {
          const seen = await send(result, clusters);
          if (!expected.has(JSON.stringify(seen))) expect([seen]).toEqual(foretold);
          missing.delete(JSON.stringify(seen));
        }
        expect([...missing]).toEqual([]);
      });
    }
  },
);

/** The ways that a request can go, as the first proxy and the client see them. */
function foretoldOf({ request, outcomes }: TableResult): Observation[] {
  const { dataPlane } = surroundings;
  const client = podNamed(dataPlane, request.from);
  const entry = entryOf(seenFrom(dataPlane, client ?? podNamed(dataPlane, request.entersAt ?? '')), client, request.to);
  const ways = new Map<string, Observation & { share: number }>();
  for (const outcome of outcomes) {
    const way = observed(outcome, entry);
    const key = JSON.stringify(way);
    ways.set(key, { ...way, share: (ways.get(key)?.share ?? 0) + outcome.share });
  }
  return [...ways.values()].filter(({ share }) => share >= RARE).map(({ share: _, ...way }) => way);
}

async function send({ request }: TableResult, clusters: LiveClusters): Promise<Observation> {
  const { address, scheme, method, target, authority, headers, serverName, clientCertificate } = toTraceRequest(request);
  if ('unresolved' in address) throw new Error('there is nowhere to send it');
  const balancer = request.entersAt === undefined ? undefined : balancerOf(network, request.entersAt, address.port);
  const { answer, log } = await clusters.send(request.from, {
    ip: balancer?.ip ?? address.ip,
    port: balancer?.port ?? address.port,
    scheme,
    method,
    path: target,
    headers: { host: authority, ...Object.fromEntries(headers) },
    serverName,
    showsCertificate: clientCertificate,
  });
  return {
    status: answer.status,
    pod: /^\{"pod":"([^"]*)"/.exec(answer.body)?.[1] ?? null,
    flags: log?.flags ?? null,
    cluster: log?.cluster ? clusterOfLog(log.cluster) : null,
    route: log?.route ?? null,
    details: log?.details ?? log?.termination ?? null,
  };
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
