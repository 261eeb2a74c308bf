import { describe, expect, test } from 'vitest';
import { expandPrincipals, trustDomainsOf, withTrustDomainAliases } from '../../../../src/translate/security/trust-domains.ts';

const domains = trustDomainsOf({ trustDomain: 'new', trustDomainAliases: ['old', 'older'] });

function expand(...principals: string[]): { expanded: readonly string[]; foreign: string[] } {
  const foreign: string[] = [];
  return { expanded: expandPrincipals(domains, principals, (_, trustDomain) => foreign.push(trustDomain)), foreign };
}

describe('principals', () => {
  test('of a known trust domain, or of cluster.local, are written for all of them, the mesh first', () => {
    const all = ['new/ns/a/sa/b', 'old/ns/a/sa/b', 'older/ns/a/sa/b'];
    expect(expand('old/ns/a/sa/b').expanded).toEqual(all);
    expect(expand('cluster.local/ns/a/sa/b').expanded).toEqual(all);
  });

  test('of a foreign trust domain stay and are told', () => {
    expect(expand('corp.example/ns/a/sa/b')).toEqual({ expanded: ['corp.example/ns/a/sa/b'], foreign: ['corp.example'] });
  });

  test('that leave the trust domain open, or are of another form, stay', () => {
    expect(expand('*/ns/a/sa/b', '*', 'corp.example/*', 'sa/b')).toEqual({
      expanded: ['*/ns/a/sa/b', '*', 'corp.example/*', 'sa/b'],
      foreign: [],
    });
  });

  test('with a suffix wildcard stay for the trust domains that it matches', () => {
    expect(expand('*ld/ns/a/sa/b').expanded).toEqual(['new/ns/a/sa/b', '*ld/ns/a/sa/b', 'older/ns/a/sa/b']);
  });
});

test('a known trust domain is expanded to all, each once; others stay', () => {
  expect(withTrustDomainAliases(domains, ['old', 'corp.example', 'new'])).toEqual(['new', 'old', 'older', 'corp.example']);
});
