import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputOfTexts, openWorkbench } from '../../../src/index.ts';
import { type Again, afresh, createAgain } from '../../../src/util/again.ts';
import { casesIn } from '../../support/recorded-case.ts';

const fixtures = resolve(import.meta.dirname, '../../../fixtures');

/** A workbench of its own, so that nobody has looked at any part. */
function openCase(folder: string, name: string, again: Again = afresh) {
  const manifests = join(fixtures, folder, name, 'manifests');
  const texts = readdirSync(manifests).map((file) => ({ file, text: readFileSync(join(manifests, file), 'utf8') }));
  return openWorkbench({ ...inputOfTexts(texts), again });
}

/** Some of the recorded cases, those in which EnvoyFilters patch routes and clusters, and those of connections. */
const cases = ['istiod', 'istiod-ambient'].flatMap((folder) =>
  casesIn(join(fixtures, folder))
    .filter((name, index) => index % 10 === 0 || /envoyfilter|tcp|tls|sidecar|dr-|headless/.test(name))
    .map((name): [string, string] => [folder, name]),
);

describe('single parts of a snapshot are those of its lists, whichever is made first', () => {
  test.each(cases)('%s/%s', (folder, name) => {
    const [bench, other] = [openCase(folder, name), openCase(folder, name)];
    for (const proxy of bench.proxies.slice(0, 4)) {
      const [snapshot, listed] = [bench.snapshotOf(proxy), other.snapshotOf(proxy)];
      if (snapshot === undefined || listed === undefined) throw new Error(`no proxy ${proxy}`);
      const { endpoints, routes } = listed;
      for (const cluster of snapshot.clusters.filter(({ type }) => type === 'EDS')) {
        const asked = cluster.edsClusterConfig?.serviceName ?? cluster.name;
        const found = endpoints.find(({ clusterName }) => clusterName === asked);
        expect(JSON.stringify(snapshot.single?.endpointsOf(cluster))).toBe(JSON.stringify(found));
      }
      for (const routeConfiguration of routes) {
        const routesNamed = snapshot.single?.routesNamed(routeConfiguration.name ?? '');
        expect(JSON.stringify(routesNamed)).toBe(JSON.stringify(routes.find((one) => one.name === routeConfiguration.name)));
      }
      expect(JSON.stringify(snapshot.routes)).toBe(JSON.stringify(routes));
      expect(JSON.stringify(snapshot.endpoints)).toBe(JSON.stringify(endpoints));
    }
  });
});

describe('listeners are made of no more than what stands for them over all states of a mesh', () => {
  test.each(cases)('%s/%s', (folder, name) => {
    const [bench, kept] = [openCase(folder, name), openCase(folder, name, createAgain())];
    for (const proxy of bench.proxies)
      expect(JSON.stringify(kept.snapshotOf(proxy)?.listeners)).toBe(JSON.stringify(bench.snapshotOf(proxy)?.listeners));
  });
});
