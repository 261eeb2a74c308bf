import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Exploration, exploreRequests, MOST_CLASSES } from '../../../src/exploration/explore.ts';
import type { OpenRequest } from '../../../src/exploration/open-request.ts';
import { requestOf } from '../../../src/exploration/request-of.ts';
import { notice } from '../../../src/operations/diff/notice.ts';
import { decodeTable } from '../../../src/operations/request-tables/request-table.ts';
import { resolveRequest } from '../../../src/operations/request-tables/resolve-request.ts';
import { ALWAYS, textTest } from '../../../src/request-space/formula.ts';
import type { PartValue } from '../../../src/request-space/variables.ts';
import { parseText } from '../../../src/source/parse.ts';
import type { DataPlane } from '../../../src/trace/data-plane.ts';
import type { Outcome, TraceRequest } from '../../../src/trace/outcome.ts';
import { toTraceRequest } from '../../../src/trace/table.ts';
import { traceRequest } from '../../../src/trace/trace.ts';
import { surroundingsOf } from '../../../src/workbench/surroundings.ts';
import { workbenchOf } from '../../support/recorded-case.ts';
import { candidatesIn, holdsOf, isRead } from '../../support/request-values.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/istiod');
const NOW = Date.UTC(2026, 0, 1);
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
      const { dataPlane, places } = await openRequestsOf(name);
      for (const open of places.slice(0, MOST_PLACES)) {
        const explored = exploreRequests(open, (request, begin) => ends(traceRequest(dataPlane, request, begin())), MOST_CLASSES);
        expect(explored.gaveUp).toBeUndefined();
        tryRandom(open, explored, dataPlane);
      }
    }, 120_000);
  }
});

/** The places that the recorded requests of a case go to. */
async function openRequestsOf(name: string): Promise<{ dataPlane: DataPlane; places: readonly OpenRequest[] }> {
  const file = join(folder, name, 'requests.yaml');
  const [document] = parseText(file, readFileSync(file, 'utf8'), () => {});
  const table = document && decodeTable(document);
  if (table === undefined || !('requests' in table)) throw new Error(`${file} is no table`);
  const surroundings = surroundingsOf([await workbenchOf(join(folder, name))], { ...table, now: NOW });
  const places = new Map<string, OpenRequest>();
  for (const request of table.requests.map((one) => toTraceRequest(resolveRequest(one, surroundings)))) {
    if (request.scheme !== 'http' && request.scheme !== 'https') continue;
    const open = openOf(request);
    places.set(JSON.stringify([open.from, open.address, open.scheme, open.serverName, open.clientCertificate]), open);
  }
  return { dataPlane: surroundings.dataPlane, places: [...places.values()] };
}

function openOf({ authority, headers: _, method: __, target: ___, ...request }: TraceRequest): OpenRequest {
  return { ...request, within: ALWAYS, authority, isFromAnyAddress: request.from === 'outside', isForAnyServerName: false };
}

type Ending = ReturnType<typeof ends>;

function ends(outcomes: readonly Outcome[]) {
  const { status, flags, cluster, pods, policy, route } = notice(outcomes);
  return { status, flags, cluster, pods, policy, route };
}

/** Requests of all kinds are each in one class, and end as its witness does. */
function tryRandom(open: OpenRequest, { classes, universe, issuers }: Exploration<Ending>, dataPlane: DataPlane): void {
  const formulas = classes.flatMap(({ readings }) =>
    readings.flatMap((reading) => (reading.kind === 'holds' ? [reading.formula] : reading.formulas)),
  );
  const candidates = candidatesIn([...new Set(formulas), universe, textTest({ kind: 'path' }, { kind: 'exact', text: '/' })]);
  const arbitrary = fc.tuple(...[...candidates.values()].map((values) => fc.constantFrom(...values)));
  fc.assert(
    fc.property(arbitrary, (drawn) => {
      const values = withDefaults(drawn, open);
      fc.pre(holdsOf(universe, values));
      const witness = requestOf(open, values, issuers);
      fc.pre(witness !== undefined);
      const found = classes.filter(({ readings }) => readings.every((reading) => isRead(reading, values)));
      expect(found).toHaveLength(1);
      const [one] = found;
      if (one === undefined || witness === undefined || one.isOfOtherForm || one.assumptions.length > 0) return;
      expect(ends(traceRequest(dataPlane, witness.request))).toEqual(one.seen);
    }),
    { seed: 20, numRuns: RANDOM, maxSkipsPerRun: 1_000 },
  );
}

/** What every request has. */
function withDefaults(drawn: readonly PartValue[], { authority }: OpenRequest): readonly PartValue[] {
  const given = (kind: string): boolean => drawn.some(({ dimension }) => dimension.kind === kind);
  const isConnect = drawn.some((value) => value.kind === 'text' && value.dimension.kind === 'method' && value.text === 'CONNECT');
  const isOfToken = (issuer: string): boolean =>
    drawn.some((value) => value.kind === 'token' && value.dimension.issuer === issuer && value.is === 'valid');
  return [
    ...drawn.filter(
      ({ dimension }) => !(isConnect && dimension.kind === 'path') && (dimension.kind !== 'claim' || isOfToken(dimension.issuer)),
    ),
    ...(given('authority') ? [] : [{ kind: 'text', dimension: { kind: 'authority' }, text: authority } as const]),
    ...(given('method') ? [] : [{ kind: 'text', dimension: { kind: 'method' }, text: 'GET' } as const]),
    ...(given('sourceAddress')
      ? []
      : [{ kind: 'address', dimension: { kind: 'sourceAddress' }, address: '203.0.113.1' } as const]),
  ];
}
