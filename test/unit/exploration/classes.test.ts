import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exploreRequests, MOST_CLASSES } from '../../../src/exploration/explore.ts';
import { ends, openRequestsOf, tryRandom } from '../../support/exploring.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/istiod');
/** Of every case so many requests, and of each place that requests go to. */
const MOST_PLACES = Number(process.env.MESH_PLACES ?? 2);
const RANDOM = Number(process.env.MESH_RANDOM ?? 60);

/** Cases whose requests are decided by as many kinds of things as possible. */
const cases = (
  process.env.MESH_CLASSES ??
  'authz-actions-order jwt-locations-multi-issuer vs-rewrite vs-uri-match vs-header-query-match gateway-api-http'
)
  .split(' ')
  .filter((name) => existsSync(join(folder, name, 'requests.yaml')));

describe('requests of a class end as its witness does', () => {
  for (const name of cases) {
    test(name, async () => {
      const { surroundings, places } = await openRequestsOf(join(folder, name));
      const { dataPlane } = surroundings;
      for (const open of places.slice(0, MOST_PLACES)) {
        const explored = exploreRequests(open, (request, begin) => ends(dataPlane, request, begin()), MOST_CLASSES);
        expect(explored.gaveUp).toBeUndefined();
        tryRandom(open, explored, dataPlane, RANDOM);
      }
    }, 120_000);
  }
});
