import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Workbench } from '../src/index.ts';
import { loadReleases } from '../src/releases/index.ts';
import { podKey } from '../src/trace/data-plane.ts';
import {
  casesIn,
  clusterWorkbenchesOf,
  indexed,
  KINDS,
  type Recorded,
  recordedOf,
  workbenchOf,
} from './support/recorded-case.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures');

/** What is known to differ, by proxy, and why; docs/differences.md. A difference that is gone has to go from here too. */
const knownDifferences: Readonly<Record<string, { readonly reason: string; readonly resources: readonly string[] }>> = {
  'istiod-leak-boolvalue-merge': {
    reason: 'istiod merges the value of a patch into one that all resources of all proxies share',
    resources: ['listeners 0.0.0.0_80 of bank.acct-1', 'listeners virtualInbound of bank.acct-1'],
  },
  'ambient-multi-network': {
    reason:
      'the recorded registry of endpoints was not told the network of the cluster, as istiod is by the namespace istio-system',
    resources: [
      'endpoints inbound-vip|80|tcp|cart.shop.svc.cluster.local of istio-system.eastwest-6f8b7c5d9-k4d7p',
      'endpoints inbound-vip|80|http|cart.shop.svc.cluster.local of shop.waypoint-6f8b7c5d9-k4d7p',
      'endpoints inbound-vip|80|http|local.shop.svc.cluster.local of shop.waypoint-6f8b7c5d9-k4d7p',
    ],
  },
};

async function compares(folder: string, name: string): Promise<void> {
  comparesProxies(await workbenchOf(join(folder, name)), recordedOf(join(folder, name)), name);
}

function comparesProxies({ session }: Pick<Workbench, 'session'>, expected: ReadonlyMap<string, Recorded>, name: string): void {
  for (const [proxyName, recorded] of expected) {
    const proxy = session.mesh.proxies.find((candidate) => podKey(candidate).replaceAll('/', '.') === proxyName);
    expect(proxy, `${proxyName} is a proxy`).toBeDefined();
    if (proxy === undefined) continue;
    const emitted = indexed(session.compile(proxy));
    const known = knownDifferences[name]?.resources ?? [];
    for (const kind of KINDS) {
      expect([...emitted[kind].keys()].sort(), `${kind} of ${proxyName}`).toEqual([...recorded[kind].keys()].sort());
      for (const [resource, value] of recorded[kind]) {
        const label = `${kind} ${resource} of ${proxyName}`;
        if (known.includes(label)) expect(emitted[kind].get(resource), `${label} differs no more`).not.toEqual(value);
        else expect(emitted[kind].get(resource), label).toEqual(value);
      }
    }
  }
}

describe('what istiod 1.30.3 sends, recorded', () => {
  const folder = resolve(fixtures, 'istiod');
  for (const name of casesIn(folder)) test(name, () => compares(folder, name));
});

describe('what istiod 1.30.3 sends with another environment, recorded', () => {
  const folder = resolve(fixtures, 'istiod-environment');
  for (const name of casesIn(folder)) test(name, () => compares(folder, name));
});

describe('what istiod 1.30.3 sends in ambient mode, recorded', () => {
  const folder = resolve(fixtures, 'istiod-ambient');
  const cases = casesIn(folder).filter((name) => recordedOf(join(folder, name)).size > 0);
  test.each(cases)('%s', async (name) => {
    const path = join(folder, name);
    comparesProxies(await workbenchOf(path, undefined, true), recordedOf(path), name);
  });
});

describe('what istiod 1.30.3 sends in meshes of several clusters, recorded', () => {
  const folder = resolve(fixtures, 'istiod-clusters');
  test.each(casesIn(folder))('%s', async (name) => {
    const path = join(folder, name);
    const benches = await clusterWorkbenchesOf(path);
    for (const [proxy, recorded] of recordedOf(path)) {
      const bench = benches.find(({ mesh }) => mesh.proxies.some((each) => podKey(each).replaceAll('/', '.') === proxy));
      expect(bench, `${proxy} is a proxy of a primary`).toBeDefined();
      if (bench !== undefined) comparesProxies(bench, new Map([[proxy, recorded]]), name);
    }
  });
});

for (const release of await loadReleases()) {
  const all = resolve(fixtures, 'istiod');
  const folder = join(all, release.name);
  if (!existsSync(folder)) continue;
  describe(`what istiod ${release.version} sends, recorded`, () => {
    // Of a case that stands in the folder above too, here are only the proxies that get something else.
    const manifestsOf = (name: string): string => (existsSync(join(folder, name, 'manifests')) ? folder : all);
    test.each(readdirSync(folder))('%s', async (name) => {
      const manifests = join(manifestsOf(name), name);
      const recorded = [manifests, join(folder, name)].flatMap((each) => [...recordedOf(each)]);
      comparesProxies(await workbenchOf(manifests, release), new Map(recorded), name);
    });
  });
}
