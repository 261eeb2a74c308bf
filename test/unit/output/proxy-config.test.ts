import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowsOfStatuses, statusesOfAssignments } from '../../../src/output/proxy-config/cluster-statuses.ts';
import { formatClusters } from '../../../src/output/proxy-config/clusters.ts';
import { formatEndpoints } from '../../../src/output/proxy-config/endpoints.ts';
import { formatListeners } from '../../../src/output/proxy-config/listeners.ts';
import { formatRoutes } from '../../../src/output/proxy-config/routes.ts';

const cases = resolve(import.meta.dirname, '../../../fixtures/istiod');

describe('proxy-config tables of recorded configuration', () => {
  for (const name of readdirSync(cases).filter((folder) => existsSync(join(cases, folder, 'tables')))) {
    for (const file of readdirSync(join(cases, name, 'expected'))) {
      const { listeners, routes, clusters, endpoints } = JSON.parse(readFileSync(join(cases, name, 'expected', file), 'utf8'));
      const table = (kind: string): string =>
        readFileSync(join(cases, name, 'tables', file.replace('.json', `.${kind}.txt`)), 'utf8');

      test(`${name} ${file}: as the real istioctl prints them`, () => {
        expect(formatListeners(listeners, { filter: {}, verbose: true, withNames: false })).toBe(table('listeners'));
        expect(formatRoutes(routes, { filter: {}, verbose: true, withNames: false })).toBe(table('routes'));
        expect(formatClusters(clusters, { filter: {}, withNames: false })).toBe(table('clusters'));
        expect(formatEndpoints(rowsOfStatuses(statusesOfAssignments(endpoints)), {})).toBe(table('endpoints'));
      });
    }
  }
});
