import { join, resolve } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { exploreRequests } from '../src/exploration/explore.ts';
import { traceRequest } from '../src/trace/trace.ts';
import { openRequestsOf } from './support/exploring.ts';
import { missing } from './support/live/case-envoys.ts';
import { rowOf, spread, unexpectedOf } from './support/live/rows.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/istiod');
const lacking = missing();

/** Cases whose requests are told apart in many ways; LIVE_WITNESSES names others. */
const CASES = (process.env.LIVE_WITNESSES ?? 'vs-header-query-match vs-rewrite authz-actions-order').split(' ');
const MOST_PLACES = 4;
const MOST_ROWS = 40;

describe.skipIf(lacking !== undefined)('one request of each class ends in real Envoys as foretold', () => {
  test.each(CASES)('%s', { timeout: 240_000, retry: 1 }, async (name) => {
    const folder = join(fixtures, name);
    const { surroundings, places } = await openRequestsOf(folder);
    const rows = places.slice(0, MOST_PLACES).flatMap((place) => {
      // Nothing leads to addresses of Services there but proxies.
      const open = { ...place, isWithoutNodes: true };
      const { classes } = exploreRequests(open, (request, begin) => traceRequest(surroundings.dataPlane, request, begin()), 400);
      const sendable = classes.flatMap(({ witness, isOfOtherForm, assumptions }) =>
        isOfOtherForm || assumptions.some(({ kind }) => kind !== 'under load' && kind !== 'unseen')
          ? []
          : rowOf(witness, surroundings),
      );
      return spread(sendable, MOST_ROWS);
    });
    expect(rows.length).toBeGreaterThan(5);
    expect(await unexpectedOf(folder, rows)).toEqual([`${rows.length} of ${rows.length} as expected`]);
  });
});
