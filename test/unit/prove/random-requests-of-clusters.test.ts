import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ProvingGround, proveStatement } from '../../../src/operations/prove/prove.ts';
import type { Statement } from '../../../src/operations/prove/statement.ts';
import { violationOf } from '../../../src/operations/prove/violations.ts';
import { traceRequest } from '../../../src/trace/trace.ts';
import { filesOfFixture } from '../../support/fixture-clusters.ts';
import { groundOfClusters } from '../../support/proving.ts';
import { pairsOf, requestsIn, statementsOf } from '../../support/requests-of-clusters.ts';

/** Statements that hold, by fixture. */
const STATEMENTS: Readonly<Record<string, readonly string[]>> = {
  'two-networks': [
    '{never: {from: outside, to: {services: [shop/ledger]}}}',
    '{never: {from: outside, to: {namespaces: [legacy]}}}',
    '{never: {from: outside, to: {services: [shop/stock], paths: [/stock/secret]}}}',
    '{only: {from: {workloads: [shop/web-1]}, to: {services: [shop/reports]}}}',
    '{only: {from: {workloads: [shop/web-1]}, to: {services: [shop/reports], methods: [GET]}}}',
    '{always: {mutualTLS: true, to: {workloads: [west/shop/cart-1, west/shop/reports-1, west/shop/ledger-1, west/shop/stock-1]}}}',
    '{always: {mutualTLS: true, to: {namespaces: [west/shop]}}}',
    '{never: {from: {namespaces: [legacy]}, to: {namespaces: [west/shop]}}}',
    '{never: {from: {namespaces: [east/legacy]}, to: {services: [west/legacy/old]}}}',
    '{never: {from: {plainText: true}, to: {workloads: [west/shop/cart-1]}}}',
    '{never: {from: {namespaces: [shop]}, to: {services: [shop/reports], methods: [POST, DELETE]}}}',
    '{never: {from: {namespaces: [west/shop]}, to: {services: [east/legacy/old]}}}',
  ],
  'hub-and-branch': [
    '{never: {from: outside, to: {services: [library/loans], paths: ["/loans/staff*"]}}}',
    '{only: {from: {workloads: [library/desk-1, library/clerk-1, istio-system/ingress-1]}, to: {services: [library/loans]}}}',
    '{always: {mutualTLS: true, to: {services: [library/catalog, library/loans]}}}',
    '{never: {from: {namespaces: [hub/default]}, to: {workloads: [library/fax-1]}}}',
    '{only: {from: {workloads: [library/desk-1]}, to: {services: [library/ledger], ports: [5001]}}}',
    '{never: {from: outside, to: {workloads: [branch/library/clerk-1]}}}',
    '{never: {from: outside, to: {namespaces: [lab]}}}',
    '{never: {from: {workloads: [hub/library/desk-1]}, to: {services: [archive.example], paths: ["/from-afar*"]}}}',
    '{never: {from: {workloads: [hub/default/visitor-1]}, to: {workloads: [branch/library/loans-south, branch/library/catalog-south]}}}',
    '{never: {from: outside, to: {workloads: [branch/library/fax-1]}}}',
    '{always: {tls: true, gateways: [istio-system/eastwest-1, istio-system/eastwest-2]}}',
    '{never: {from: {workloads: [branch/library/clerk-1]}, to: {workloads: [hub/library/catalog-b]}}}',
  ],
};

describe.each(Object.keys(STATEMENTS))('what is proven of the clusters of %s', (fixture) => {
  const isBrokenByNone = async (choose: (ground: ProvingGround) => readonly string[], runs: number) => {
    const ground = await groundOfClusters(filesOfFixture(fixture));
    const { dataPlane } = ground.surroundings;
    const written = choose(ground);
    const statements = statementsOf(written, ground);
    const verdicts = statements.map((statement) => proveStatement(statement, ground).verdict.kind);
    const proven = statements.flatMap((statement, index) =>
      verdicts[index] === 'proven' ? [{ statement, text: written[index] }] : [],
    );
    const broken = new Set<string>();
    const reached = new Set<string>();
    fc.assert(
      fc.property(requestsIn(ground), ({ kind, request }) => {
        const outcomes = traceRequest(dataPlane, request);
        const breaks = (statement: Statement): boolean =>
          violationOf(statement, kind, request, outcomes, dataPlane) !== undefined;
        for (const { deliveries } of outcomes) for (const { pod } of deliveries) reached.add(pod);
        expect(proven.filter(({ statement }) => breaks(statement)).map(({ text }) => text)).toEqual([]);
        for (const [index, statement] of statements.entries())
          if (verdicts[index] !== 'proven' && breaks(statement)) broken.add(written[index] ?? '');
      }),
      { numRuns: runs, seed: 20 },
    );
    return { verdicts, broken, reached };
  };

  test('is broken by no random request', { timeout: 600_000 }, async () => {
    const { verdicts } = await isBrokenByNone(() => STATEMENTS[fixture] ?? [], 1_000);
    expect(verdicts).toEqual(STATEMENTS[fixture]?.map(() => 'proven'));
  });

  test('is broken by none of anybody to any pod, and some of what is not proven is', { timeout: 600_000 }, async () => {
    const { verdicts, broken, reached } = await isBrokenByNone(pairsOf, 1_000);
    const count = (kind: string): number => verdicts.filter((one) => one === kind).length;
    expect(count('undecided')).toBe(0);
    expect(count('proven')).toBeGreaterThan(count('refuted'));
    expect(broken.size).toBeGreaterThan(20);
    expect(reached.size).toBeGreaterThan(5);
  });
});
