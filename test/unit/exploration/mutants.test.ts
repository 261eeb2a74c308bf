import { appendFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareConfigurations } from '../../../src/operations/diff/compare-configurations.ts';
import { differencesBetween, type ObservedRequest } from '../../../src/operations/diff/compare-requests.ts';
import type { Shares } from '../../../src/operations/diff/noticed.ts';
import { type DiffReport, endsAllEqual } from '../../../src/operations/diff/report.ts';
import { comparable, noticeRequest } from '../../../src/operations/diff/seen.ts';
import { mutantsOf, ofEachRule } from '../../support/mutants.ts';
import { planesOf, randomRequests } from '../../support/random-requests.ts';
import { openSide, type Side, worldFolder, worldOf } from '../../support/worlds.ts';

/**
 * A few of them in every run. MESH_MUTANTS=all tries all, MESH_OF_RULE=1 one for each kind of edit at each field of each kind of resource;
 * MESH_EVERY and MESH_FIRST take some of these; MESH_FIXTURES names folders from `fixtures` on, `ambient:` before those of recorded cases in
 * ambient mode; MESH_MUTANT_LOG gets a line for each.
 */
const WHOLE = process.env.MESH_MUTANTS === 'all';
const OF_RULE = Number(process.env.MESH_OF_RULE ?? (WHOLE ? Infinity : 1));
const FIRST = Number(process.env.MESH_FIRST ?? 0);
const REQUESTS = Number(process.env.MESH_REQUESTS ?? 150);
const LOG = process.env.MESH_MUTANT_LOG;
const NAMED = process.env.MESH_MUTANT === undefined ? undefined : new RegExp(process.env.MESH_MUTANT);
const SEED = Number(process.env.MESH_SEED ?? 7);
const IS_PROOF_WANTED = process.env.MESH_PROOF !== 'no';
const FIXTURES = (process.env.MESH_FIXTURES ?? 'operations:97 ambient-waypoint:61 two-networks:83').split(' ');

/**
 * What became of an edit: `found` (requests end otherwise), `equal` (proven that none does), `open` (told that it is not proven), `untold`
 * (no request that was looked at does, and nothing is said of all); and of those that a random request notices, `MISSED` or, where doubts are
 * told, `doubted`. `refused`: nothing of it can be read.
 */
type Verdict = 'found' | 'equal' | 'open' | 'untold' | 'MISSED' | 'doubted' | 'refused';

describe('a single edit that any request notices is seen by diff', () => {
  for (const fixture of FIXTURES) {
    const [, mode, name = '', step] = /^(ambient:)?(.+?)(?::(\d+))?$/.exec(fixture) ?? [];
    const every = Number(process.env.MESH_EVERY ?? step ?? 1);
    const world = worldOf(worldFolder(name), mode === undefined ? undefined : true);
    const original = once(() => openSide('before', world, world.files));
    const mutants = ofEachRule(mutantsOf(world.files), OF_RULE).filter(
      (mutant, index) => (NAMED === undefined || NAMED.test(mutant.name)) && index >= FIRST && (index - FIRST) % every === 0,
    );
    // An edit is made, or taken back.
    for (const [index, mutant] of mutants.entries()) {
      const isTakenBack = process.env.MESH_BACK === undefined ? index % 2 === 1 : process.env.MESH_BACK === 'yes';
      const title = `${name}: ${mutant.name}${isTakenBack ? ' (taken back)' : ''}`;
      test(title, async () => {
        const start = performance.now();
        const [one, edited] = [await original(), await openSide('after', world, mutant.files)];
        if (one === undefined) throw new Error(`${name} cannot be read`);
        const told = (verdict: Verdict, detail: unknown): void => {
          const seconds = ((performance.now() - start) / 1000).toFixed(1);
          if (LOG !== undefined) appendFileSync(LOG, `${verdict} ${title} ${seconds}s ${JSON.stringify(detail) ?? ''}\n`);
        };
        if (edited === undefined) return told('refused', undefined);
        const sides = isTakenBack ? ([edited, one] as const) : ([one, edited] as const);
        const [{ side: before }, { side: after }] = sides;
        const report = compareConfigurations(before, after, { requests: true, isProofWanted: IS_PROOF_WANTED, now: 0 });
        const noticed = isAnyTold(report) ? undefined : firstNoticed(sides);
        const verdict = verdictOf(report, noticed);
        const { doubts = [], underLoad = [] } = report.requests.proof ?? {};
        told(
          verdict,
          noticed === undefined
            ? verdict === 'open'
              ? [...doubts, ...underLoad].slice(0, 2)
              : undefined
            : [report.requests.proven ?? 'not proven', noticed, doubts.slice(0, 2)],
        );
        expect(verdict, JSON.stringify(noticed)).not.toBe('MISSED');
      }, 900_000);
    }
  }
});

function isAnyTold({ requests: { changed, unusual } }: DiffReport): boolean {
  return changed.length > 0 || unusual !== undefined;
}

function verdictOf(report: DiffReport, noticed: unknown): Verdict {
  const { proof } = report.requests;
  if (isAnyTold(report)) return 'found';
  const isDoubted = proof !== undefined && proof.doubts.length + proof.underLoad.length > 0;
  if (noticed !== undefined) return proof !== undefined && proof.doubts.length > 0 ? 'doubted' : 'MISSED';
  if (endsAllEqual(report)) return 'equal';
  return isDoubted ? 'open' : 'untold';
}

/** Whether clients find a connection closed on both sides, of which no proxy has anything in its access log on one of them. */
function isClosedUnseen(compared: Pick<ObservedRequest, 'before' | 'after'>): boolean {
  const sides = [compared.before, compared.after];
  const isAlways = <T>(shares: Shares<T> | undefined, wanted: T): boolean =>
    shares?.every(({ value }) => value === wanted) === true;
  return sides.every(({ status }) => isAlways(status, 0)) && sides.some(({ flags }) => isAlways(flags, '-'));
}

/** Makes something when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** A random request that ends otherwise. */
function firstNoticed(sides: readonly [Side, Side]): unknown {
  const planes = planesOf(sides);
  const requests = fc.sample(randomRequests(sides, planes), { numRuns: REQUESTS, seed: SEED });
  for (const { sent, isProbed } of requests) {
    const [one, other] = [noticeRequest(sent[0], planes[0], isProbed), noticeRequest(sent[1], planes[1], isProbed)];
    const compared = comparable(one, other);
    const differences = differencesBetween(compared.before, compared.after);
    if (Object.keys(differences).some((aspect) => aspect !== 'flags' || !isClosedUnseen(compared))) {
      return { request: sent, differences };
    }
  }
  return undefined;
}
