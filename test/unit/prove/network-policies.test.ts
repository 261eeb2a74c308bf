import { describe, expect, test } from 'vitest';
import { groundOf, proveText, shopManifests } from '../../support/proving.ts';

const policy = (spec: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {matchLabels: {app: orders}}, ${spec}}
`;

/** What is said of whom `web` reaches, and of whom it does not, and what is assumed for it. */
function answersWith(network: string): readonly (readonly [string, readonly string[]])[] {
  const statements = `statements:
  - never: { from: { workloads: [shop/web] }, to: { services: [shop/orders] } }
  - never: { from: { workloads: [shop/orders] }, to: { services: [shop/web] } }
  - only: { from: [outside, { workloads: [shop/web] }], to: { services: [shop/orders] } }
`;
  const proven = proveText(statements, groundOf(shopManifests({ 'network.yaml': network })));
  return proven.statements.map(({ verdict }) => [verdict.kind, verdict.assumptions]);
}

describe('a NetworkPolicy, which is not simulated,', () => {
  const [refuted, other, proven] = answersWith('');

  test('is assumed to let a request through that refutes a statement, and changes nothing of what is proven', () => {
    expect([refuted, proven]).toEqual([
      ['refuted', []],
      ['proven', []],
    ]);
    const assumed = ['refuted', ['NetworkPolicy shop/p lets it through']];
    expect(answersWith(policy('ingress: [{from: [{podSelector: {matchLabels: {app: nobody}}}]}]'))).toEqual([
      assumed,
      other,
      proven,
    ]);
    expect(answersWith(policy('ingress: [{ports: [{port: 1}]}]'))[0]).toEqual(assumed);
    expect(answersWith(policy('policyTypes: [Ingress]'))[0]).toEqual(assumed);
  });

  test.each([
    ['that lets the request through', 'ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]'],
    ['for other ends of connections', 'policyTypes: [Egress]'],
  ])('is nothing to speak of: one %s', (_, spec) => {
    expect(answersWith(policy(spec)).map(([, assumptions]) => assumptions)[0]).toEqual([]);
  });

  test('is nothing to speak of where it is about others', () => {
    expect(answersWith(policy('policyTypes: [Ingress]').replace('app: orders', 'app: others'))).toEqual([refuted, other, proven]);
  });
});
