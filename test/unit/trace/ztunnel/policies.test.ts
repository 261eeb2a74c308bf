import { describe, expect, test } from 'vitest';
import type { MatchMessage, PolicyMessage } from '../../../../src/envoy/ztunnel.ts';
import { judgeConnection, type PolicySubject } from '../../../../src/trace/ztunnel/policies.ts';

const identity = 'spiffe://cluster.local/ns/web/sa/front';
const subject = (changes: Partial<PolicySubject> = {}): PolicySubject => ({
  source: '10.0.0.7',
  destination: { ip: '10.0.0.9', port: 8080 },
  identity,
  ...changes,
});

/** A policy of one rule with one clause for each match. */
function policy(action: 'ALLOW' | 'DENY', ...matches: readonly MatchMessage[]): PolicyMessage {
  const rules = matches.map((match) => ({ matches: [match] }));
  return { name: action.toLowerCase(), namespace: 'web', groups: [{ rules }], ...(action === 'DENY' && { action }) };
}

function isAllowed(policies: readonly PolicyMessage[], of = subject()): boolean | undefined {
  return judgeConnection(policies, of)?.isAllowed;
}

/** An address in base64. */
const bytes = (...numbers: readonly number[]) => Buffer.from(numbers).toString('base64');

describe('policies of ztunnel', () => {
  test('say nothing where there are none', () => {
    expect(judgeConnection([], subject())).toBeUndefined();
  });

  test('deny before they allow', () => {
    const all: MatchMessage = { namespaces: [{ exact: 'web' }] };
    const verdict = judgeConnection([policy('ALLOW', all), policy('DENY', all)], subject());
    expect(verdict).toMatchObject({ isAllowed: false, action: 'DENY', match: { policy: { name: 'deny' } } });
  });

  test('deny all whom none of those that allow somebody allows', () => {
    const verdict = judgeConnection([policy('ALLOW', { namespaces: [{ exact: 'ops' }] })], subject());
    expect(verdict).toMatchObject({ isAllowed: false, action: 'ALLOW', match: undefined });
  });

  test('let pass what those that only deny do not name', () => {
    expect(isAllowed([policy('DENY', { namespaces: [{ exact: 'ops' }] })])).toBe(true);
  });

  test('that are only tried out decide nothing', () => {
    const all: MatchMessage = { namespaces: [{ exact: 'web' }] };
    expect(isAllowed([{ ...policy('DENY', all), dryRun: true }, policy('ALLOW', all)])).toBe(true);
    expect(isAllowed([{ ...policy('ALLOW', {}), dryRun: true }])).toBeUndefined();
  });

  test('without rules match nobody; a rule without clauses matches all', () => {
    expect(isAllowed([{ name: 'none', namespace: 'web' }])).toBe(false);
    expect(isAllowed([{ name: 'all', namespace: 'web', groups: [{}] }])).toBe(true);
  });

  test('a clause that says nothing matches nobody, as is left of a DENY rule by path', () => {
    expect(isAllowed([policy('DENY', {})])).toBe(true);
    expect(isAllowed([policy('DENY', {}, { namespaces: [{ exact: 'web' }] })])).toBe(true);
  });

  test('each clause of a rule must hold', () => {
    const [ports, names] = [{ destinationPorts: [8080] }, { principals: [{ exact: 'cluster.local/ns/web/sa/front' }] }];
    expect(isAllowed([policy('ALLOW', ports, names)])).toBe(true);
    expect(isAllowed([policy('ALLOW', { destinationPorts: [9090] }, names)])).toBe(false);
  });

  test.each<[string, MatchMessage, boolean]>([
    ['principal', { principals: [{ exact: 'cluster.local/ns/web/sa/front' }] }, true],
    ['principal by prefix', { principals: [{ prefix: 'cluster.local/ns/web/' }] }, true],
    ['principal by suffix', { principals: [{ suffix: '/sa/front' }] }, true],
    ['any principal', { principals: [{ presence: {} }] }, true],
    ['principal with its scheme', { principals: [{ exact: identity }] }, false],
    ['service account', { serviceAccounts: [{ namespace: 'web', serviceAccount: 'front' }] }, true],
    ['service account of another namespace', { serviceAccounts: [{ namespace: 'ops', serviceAccount: 'front' }] }, false],
    ['other than a namespace', { notNamespaces: [{ exact: 'web' }] }, false],
    ['source range', { sourceIps: [{ address: bytes(10, 0, 0, 0), length: 24 }] }, true],
    ['other than a source range', { notSourceIps: [{ address: bytes(10, 0, 0, 0), length: 24 }] }, false],
    ['destination', { destinationIps: [{ address: bytes(10, 0, 0, 9), length: 32 }] }, true],
    ['other destination', { destinationIps: [{ address: bytes(10, 0, 0, 8), length: 32 }] }, false],
    ['other than a port', { notDestinationPorts: [9090] }, true],
  ])('match by %s', (_, match, isMatch) => {
    expect(isAllowed([policy('ALLOW', match)])).toBe(isMatch);
  });

  test('who comes in plain text has neither principal nor namespace nor account', () => {
    const plain = subject({ identity: undefined });
    expect(isAllowed([policy('DENY', { notPrincipals: [{ presence: {} }] })], plain)).toBe(false);
    expect(isAllowed([policy('ALLOW', { principals: [{ suffix: '' }] })], plain)).toBe(false);
    expect(isAllowed([policy('ALLOW', { namespaces: [{ presence: {} }] })], plain)).toBe(false);
    expect(isAllowed([policy('ALLOW', { notServiceAccounts: [{ namespace: '', serviceAccount: '' }] })], plain)).toBe(true);
    expect(isAllowed([policy('ALLOW', { sourceIps: [{ address: bytes(10, 0, 0, 7), length: 32 }] })], plain)).toBe(true);
  });
});
