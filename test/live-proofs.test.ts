import { join, resolve } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { provingGround } from '../src/operations/prove/prove-file.ts';
import { followRequest } from '../src/operations/trace/follow.ts';
import { readQuestion } from '../src/operations/trace/question.ts';
import { openRequestsOf } from './support/exploring.ts';
import { missing } from './support/live/case-envoys.ts';
import { rowOf, spread, unexpectedOf } from './support/live/rows.ts';
import { proveText } from './support/proving.ts';
import { workbenchOf } from './support/recorded-case.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/istiod');
const lacking = missing();

/** LIVE_PROOFS names others. */
const CASES = (process.env.LIVE_PROOFS ?? 'authz-actions-order vs-rewrite').split(' ');
const MOST_ROWS = 30;

describe.skipIf(lacking !== undefined)('what refutes a statement does so in real Envoys', () => {
  test.each(CASES)('%s', { timeout: 240_000, retry: 1 }, async (name) => {
    const folder = join(fixtures, name);
    const bench = await workbenchOf(folder);
    const { surroundings } = await openRequestsOf(folder);
    const workloads = [...new Set(bench.mesh.proxies.map(({ namespace, workloadName }) => `${namespace}/${workloadName}`))];
    const statements = workloads.flatMap((from) =>
      workloads.flatMap((to) =>
        from === to
          ? []
          : [
              `{never: {from: {workloads: [${from}]}, to: {workloads: [${to}]}}}`,
              `{never: {from: {workloads: [${from}]}, to: {workloads: [${to}], notPaths: [/], notMethods: [GET]}}}`,
            ],
      ),
    );
    const found = proveText(`statements:\n${statements.map((one) => `- ${one}\n`).join('')}`, provingGround([bench], 0));
    const rows = found.statements.flatMap(({ verdict }) => {
      if (verdict.kind !== 'refuted' || verdict.witness.sender !== 'pod') return [];
      const { request } = followRequest(bench, readQuestion(verdict.witness.question), 0);
      return rowOf({ request: { ...request, isWithoutNodes: true }, token: undefined }, surroundings);
    });
    expect(rows.length).toBeGreaterThan(1);
    const sent = spread(rows, MOST_ROWS);
    expect(await unexpectedOf(folder, sent)).toEqual([`${sent.length} of ${sent.length} as expected`]);
  });
});
