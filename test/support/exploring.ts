import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Exploration } from '../../src/exploration/explore.ts';
import type { OpenRequest } from '../../src/exploration/open-request.ts';
import { requestOf } from '../../src/exploration/request-of.ts';
import { notice } from '../../src/operations/diff/notice.ts';
import { decodeTable } from '../../src/operations/request-tables/request-table.ts';
import { resolveRequest } from '../../src/operations/request-tables/resolve-request.ts';
import { ALWAYS, textTest } from '../../src/request-space/formula.ts';
import type { PartValue } from '../../src/request-space/variables.ts';
import { parseText } from '../../src/source/parse.ts';
import { partsMet } from '../../src/trace/coverage.ts';
import type { DataPlane } from '../../src/trace/data-plane.ts';
import type { TraceRequest } from '../../src/trace/outcome.ts';
import type { Recorder } from '../../src/trace/recording/recorder.ts';
import { toTraceRequest } from '../../src/trace/table.ts';
import { traceRequest } from '../../src/trace/trace.ts';
import { compact } from '../../src/util/object.ts';
import { type Surroundings, surroundingsOf } from '../../src/workbench/surroundings.ts';
import { workbenchOf } from './recorded-case.ts';
import { candidatesIn, holdsOf, isRead } from './request-values.ts';

/** The places that the recorded requests of a case go to. */
export async function openRequestsOf(folder: string): Promise<{ surroundings: Surroundings; places: readonly OpenRequest[] }> {
  const file = join(folder, 'requests.yaml');
  const [document] = parseText(file, readFileSync(file, 'utf8'), () => {});
  const table = document && decodeTable(document);
  if (table === undefined || !('requests' in table)) throw new Error(`${file} is no table`);
  const surroundings = surroundingsOf([await workbenchOf(folder)], { ...table, now: NOW });
  const places = new Map<string, OpenRequest>();
  for (const request of table.requests.map((one) => toTraceRequest(resolveRequest(one, surroundings)))) {
    if (request.scheme !== 'http' && request.scheme !== 'https') continue;
    const open = openOf(request);
    places.set(JSON.stringify([open.from, open.address, open.scheme, open.serverName, open.clientCertificate]), open);
  }
  return { surroundings, places: [...places.values()] };
}

const NOW = Date.UTC(2026, 0, 1);

/** All requests to the place of one. */
function openOf({ authority, headers: _, method: __, target: ___, ...request }: TraceRequest): OpenRequest {
  return { ...request, within: ALWAYS, authority, isFromAnyAddress: request.from === 'outside', isForAnyServerName: false };
}

/** How a request ends, and what of the configuration it meets. */
export interface Ending {
  readonly noticed: Pick<ReturnType<typeof notice>, 'status' | 'flags' | 'cluster' | 'pods' | 'port' | 'policy'>;
  readonly routes: readonly string[];
  readonly met: readonly string[];
}

/** How a request ends in a data plane. */
export function ends(dataPlane: DataPlane, request: TraceRequest, recorder?: Recorder): Ending {
  const outcomes = traceRequest(dataPlane, request, recorder);
  const { status, flags, cluster, pods, port, policy } = notice(outcomes, request);
  const routes = new Set(outcomes.flatMap(({ logs }) => logs.map(({ route }) => route ?? '-')));
  return {
    noticed: compact({ status, flags, cluster, pods, port, policy }),
    routes: [...routes].sort(),
    met: [...partsMet(outcomes)].sort(),
  };
}

/** So many requests of all kinds are each in one class, and end as its witness does. `look` sees what becomes of each. */
export function tryRandom(
  open: OpenRequest,
  { classes, universe, issuers }: Exploration<Ending>,
  dataPlane: DataPlane,
  count: number,
  look: (ending: Ending) => void = () => {},
): void {
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
      // Of paths of another form no more is said than that, also of those that nobody looks at.
      const exact = found.filter(({ isOfOtherForm }) => !isOfOtherForm);
      expect([found.length > 0, exact.length < 2]).toEqual([true, true]);
      if (witness === undefined) return;
      const ending = ends(dataPlane, witness.request);
      look(ending);
      const [one] = exact;
      if (one?.assumptions.every(({ kind }) => kind === 'under load' || kind === 'unseen')) expect(ending).toEqual(one.seen);
    }),
    { seed: 20, numRuns: count, maxSkipsPerRun: 1_000 },
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
