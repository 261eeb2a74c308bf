import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createEnvoyDescriptors } from '../../../src/envoy/descriptors.ts';
import { createProtobufDecoder } from '../../../src/util/protobuf-json.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const cases = resolve(import.meta.dirname, '../../../fixtures/istiod');

function filesOf(name: string): Record<string, string> {
  const manifests = join(cases, name, 'manifests');
  const files = readdirSync(manifests).map((file) => [`/work/m/${file}`, readFileSync(join(manifests, file), 'utf8')] as const);
  const meshFile = join(cases, name, 'mesh.yaml');
  const meshConfig = existsSync(meshFile) ? readFileSync(meshFile, 'utf8') : '{}';
  return { ...Object.fromEntries(files), '/work/mesh.yaml': meshConfig };
}

async function mesh(args: readonly string[], files: Record<string, string>): Promise<string> {
  const io = createFakeIo({ files });
  expect(await run(args, io), io.errors()).toBe(0);
  return io.output();
}

const source = ['-f', 'm', '--mesh-config', 'mesh.yaml'];
const subjects = ['clusters', 'listeners', 'routes', 'eds', 'secret', 'bootstrap'];

describe('proxy-config of pods in manifests', () => {
  for (const name of readdirSync(cases).filter((folder) => existsSync(join(cases, folder, 'tables')))) {
    test(`${name}: the tables of the real istioctl`, async () => {
      const files = filesOf(name);
      for (const table of readdirSync(join(cases, name, 'tables'))) {
        const [namespace = '', pod = '', kind = ''] = table.split('.');
        const output = await mesh(['proxy-config', kind, `${namespace}/${pod}`, ...source], files);
        expect(output, table).toBe(readFileSync(join(cases, name, 'tables', table), 'utf8'));
      }
    });
  }

  for (const [name, pod] of [
    ['seed-reviews', 'default/productpage-v1-0'],
    ['seed-ops', 'istio-system/istio-ingressgateway-0'],
    ['wasm-plugin', ''],
  ] as const) {
    test(`${name}: a config dump, read again, gives the same as the manifests with --static`, async () => {
      const files = filesOf(name);
      const first = readdirSync(join(cases, name, 'expected'))[0]?.split('.') ?? [];
      const proxy = pod === '' ? `${first[0]}/${first[1]}` : pod;
      const dump = await mesh(['translate', ...source, '-o', 'config-dump', '--proxy', proxy], files);
      const withDump = { ...files, '/work/dump.json': dump };
      for (const subject of subjects) {
        for (const output of ['short', 'json', 'yaml']) {
          const flags = ['secret', 'bootstrap'].includes(subject) ? [] : ['--static'];
          const ofManifests = await mesh(['proxy-config', subject, proxy, ...flags, ...source, '-o', output], files);
          const ofDump = await mesh(['proxy-config', subject, '--file', 'dump.json', '-o', output], withDump);
          expect(ofDump, `${subject} -o ${output}`).toBe(ofManifests);
        }
      }
      const all = await mesh(['proxy-config', 'all', proxy, '--static', ...source], files);
      expect(await mesh(['proxy-config', 'all', '--file', 'dump.json'], withDump)).toBe(all);
    });

    test(`${name}: every section of a config dump is canonical protobuf JSON of its message`, async () => {
      const files = filesOf(name);
      const first = readdirSync(join(cases, name, 'expected'))[0]?.split('.') ?? [];
      const dump = JSON.parse(
        await mesh(['translate', ...source, '-o', 'config-dump', '--proxy', `${first[0]}/${first[1]}`], files),
      );
      const decode = createProtobufDecoder(createEnvoyDescriptors());
      for (const { '@type': type, ...section } of dump.configs) {
        const message = String(type).replace('type.googleapis.com/', '');
        if (message.endsWith('ScopedRoutesConfigDump')) continue;
        const { value, problems } = decode(message, section, { keepUnknownTypes: true });
        expect(problems, message).toEqual([]);
        expect(value, message).toEqual(section);
      }
    });
  }

  test('--static adds what the bootstrap has', async () => {
    const files = filesOf('seed-reviews');
    const pod = 'default/productpage-v1-0';
    const clusters = await mesh(['pc', 'c', pod, '--static', ...source], files);
    for (const name of ['agent', 'prometheus_stats', 'sds-grpc', 'xds-grpc']) expect(clusters).toContain(`\n${name} `);
    const listeners = await mesh(['pc', 'l', pod, '--static', '--port', '15021', ...source], files);
    expect(listeners).toBe('ADDRESSES PORT  MATCH DESTINATION\n0.0.0.0   15021 ALL   Inline Route: /healthz/ready*\n');
  });

  test('--origin tells the file, line and resource that made each row', async () => {
    const files = filesOf('seed-reviews');
    const pod = 'default/productpage-v1-0';
    const last = (text: string, row: string): string | undefined =>
      text
        .split('\n')
        .find((line) => line.includes(row))
        ?.split(/ {2,}/)
        .at(-1);
    const routes = await mesh(['pc', 'r', pod, '--origin', ...source], files);
    expect(last(routes, 'reviews.default ')).toBe('m/20-istio.yaml:10 VirtualService default/reviews');
    const clusters = await mesh(['pc', 'c', pod, '--origin', ...source], files);
    expect(last(clusters, ' v2 ')).toBe('m/20-istio.yaml:26 DestinationRule default/reviews');
    expect(last(clusters, 'BlackHoleCluster')).toBe('-');
    const endpoints = await mesh(['pc', 'ep', pod, '--origin', ...source], files);
    expect(last(endpoints, '10.244.1.14')).toBe('m/10-pods.yaml:57 Pod default/reviews-v2-0');
    const listeners = await mesh(['pc', 'l', pod, '--origin', ...source], files);
    expect(last(listeners, 'inbound|9080||')).toContain('m/00-k8s.yaml:17 Service default/productpage');
    expect(await mesh(['pc', 'all', pod, '--origin', ...source], files)).toContain('ORIGIN');
  });

  test('--origin of a dump is refused', async () => {
    const io = createFakeIo({ files: { '/work/dump.json': '{"configs": []}' } });
    expect(await run(['pc', 'c', '--origin', '--file', 'dump.json'], io)).toBe(64);
    expect(io.errors()).toContain('--origin needs the name of a pod');
  });
});

describe('a proxy that has nothing of a part', () => {
  const files = {
    '/work/a.yaml': `apiVersion: v1
kind: Pod
metadata: {name: worker, namespace: shop}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gw, namespace: shop, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy}]}
`,
    '/work/empty.json': JSON.stringify({ configs: [] }),
  };

  test('has an empty table, and all others', async () => {
    for (const pod of ['worker.shop', 'gw.shop']) {
      const all = await mesh(['pc', 'all', pod, '-f', 'a.yaml'], files);
      expect(all).toContain('NAME     VHOST NAME     DOMAINS     MATCH     VIRTUAL SERVICE\n');
      expect(all).toContain('NAME     STATUS     LOCALITY     CLUSTER\n');
      expect(all).toContain('BlackHoleCluster');
      expect(await mesh(['pc', 'ecds', pod, '-f', 'a.yaml'], files)).toBe('ECDS NAME     TYPE\n');
      expect(await mesh(['pc', 'ecds', pod, '-f', 'a.yaml', '-o', 'json'], files)).toBe('{}\n');
      expect(await mesh(['pc', 'routes', pod, '-f', 'a.yaml'], files)).toMatch(/^NAME .*\n$/);
      expect(await mesh(['pc', 'routes', pod, '-f', 'a.yaml', '-o', 'json'], files)).toBe('[]\n');
    }
    expect(await mesh(['pc', 'listeners', 'gw.shop', '-f', 'a.yaml'], files)).toMatch(/^ADDRESSES .*\n$/);
  });

  test('of a dump is refused, as by istioctl', async () => {
    for (const subject of ['all', 'ecds', 'routes']) {
      expect(await run(['pc', subject, '-f', 'empty.json'], createFakeIo({ files })), subject).toBe(1);
    }
  });
});
