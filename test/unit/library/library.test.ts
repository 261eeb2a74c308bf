import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  compareConfigurations,
  computeGraph,
  computeGraphAmong,
  describePod,
  describePodAmong,
  describeService,
  describeServiceAmong,
  findAmong,
  findingsAmong,
  followAmong,
  inputOfTexts,
  loadEachCluster,
  loadInput,
  openClusters,
  openConfiguration,
  openPrimaries,
  openWorkbench,
  readQuestion,
  runTable,
  traceRequest,
  unknownServers,
} from '../../../src/index.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { filesOfTwoClusters } from '../../support/two-clusters.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/bookinfo/manifests');
const texts = readdirSync(folder).map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
const input = inputOfTexts(texts);
const mesh = openWorkbench(input);

// docs/library.md
describe('the library', () => {
  test('reads texts and compiles what a proxy gets', () => {
    expect(input.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(mesh.session.compile(mesh.findProxy('reviews-v1')).clusters.map(({ name }) => name)).toContain(
      'outbound|9080||ratings.default.svc.cluster.local',
    );
  });

  test('reads files as the commands do', async () => {
    const files = createFakeIo({ files: Object.fromEntries(texts.map(({ file, text }) => [`/work/manifests/${file}`, text])) });
    const read = await loadInput({ file: ['manifests'], istiodEnv: ['PILOT_TRACE_SAMPLING=50'] }, [], files);
    expect(read.resources.map(({ name }) => name)).toEqual(input.resources.map(({ name }) => name));
    expect(read.release.behaviours.traceSampling).toBe(50);
  });

  test('says what is wrong', () => {
    expect(mesh.findings({ verification: 'auto', now: 0 }).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('follows a request', () => {
    const dataPlane = mesh.dataPlane({ servers: unknownServers, now: 0 });
    const service = mesh.mesh.registry.services.find(({ hostname }) => hostname.startsWith('ratings.'));
    const ways = traceRequest(dataPlane, {
      from: 'default/productpage-v1-0',
      address: { ip: service?.address ?? '', port: 9080 },
      scheme: 'http',
      method: 'GET',
      target: '/',
      authority: 'ratings:9080',
      headers: [],
    });
    expect(ways.map(({ status }) => status)).toEqual([200]);
  });

  test('runs request tables, and says what is wrong by documents', () => {
    const dataPlane = mesh.dataPlane({ servers: unknownServers, now: 0 });
    const service = mesh.mesh.registry.services.find(({ hostname }) => hostname.startsWith('ratings.'));
    const request = { from: 'default/productpage-v1-0', to: `${service?.address}:9080`, host: 'ratings:9080' };
    const results = runTable(dataPlane, [
      { ...request, expect: { status: 200 } },
      { ...request, expect: { status: 404 } },
    ]);
    expect(results.map(({ failures }) => failures.length)).toEqual([0, 1]);
    const ofMesh = mesh.findings({ verification: 'off', now: 0 });
    expect(mesh.findings({ verification: 'off', documents: true, now: 0 })).toEqual(expect.arrayContaining([...ofMesh]));
  });

  test('tells who can call whom, and what a change alters', () => {
    expect(computeGraph(mesh, { to: 'ratings' }).edges.length).toBeGreaterThan(0);
    const without = inputOfTexts(texts.filter(({ file }) => !file.includes('routing')));
    const report = compareConfigurations(openConfiguration('before', input), openConfiguration('after', without), {
      requests: true,
      now: 0,
    });
    expect(report.requests.changed.length).toBeGreaterThan(0);
  });

  test('describes pods and services', () => {
    const { warnings, services } = describePod(mesh, 'reviews-v1');
    expect(warnings).toEqual([]);
    expect(services).toEqual(
      describeService(mesh, 'reviews').services.map((service) => expect.objectContaining({ name: service.name })),
    );
    expect(() => describeService(mesh, 'review')).toThrow('did you mean default/reviews');
  });

  test('looks at several clusters together', async () => {
    const files = createFakeIo({ files: filesOfTwoClusters });
    const clusters = await loadEachCluster({ cluster: ['east=east', 'west=west'] }, [], files);
    const benches = openPrimaries(clusters);
    const { bench, proxy } = findAmong(benches, 'west/shop/near-1');
    expect(bench.session.compile(proxy).clusters.map(({ name }) => name)).toContain('outbound|80||far.shop.svc.cluster.local');
    const findings = findingsAmong(clusters, benches, { verification: 'auto', now: 0 });
    expect(findings.map(({ code }) => code)).toContain('MESH1705');
    const { outcomes } = followAmong(benches, readQuestion({ from: 'east/shop/far-1', url: 'http://web/' }), 0);
    expect(outcomes.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 403]));
    expect(computeGraphAmong(benches).nodes.map(({ cluster }) => cluster)).toContain('west');
    expect(describeServiceAmong(benches, 'shop/web').clusters).toHaveLength(2);
    expect(describePodAmong(benches, 'near-1.shop').cluster).toBe('west');
    const same = compareConfigurations(openClusters('before', clusters), openClusters('after', clusters), {
      requests: true,
      now: 0,
    });
    expect(same.proxies.changed).toEqual([]);
  });
});
