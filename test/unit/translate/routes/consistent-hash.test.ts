import { describe, expect, test } from 'vitest';
import type { DestinationRule } from '../../../../src/api/istio.gen.ts';
import { hashForDestination, hashForService } from '../../../../src/translate/routes/consistent-hash.ts';

const by = (name: string) => ({ loadBalancer: { consistentHash: { httpHeaderName: name } } });
const rule: DestinationRule = {
  trafficPolicy: { ...by('rule'), portLevelSettings: [{ port: { number: 80 }, ...by('rule-80') }, { port: { number: 81 } }] },
  subsets: [
    { name: 'v1', trafficPolicy: { ...by('v1'), portLevelSettings: [{ port: { number: 80 }, ...by('v1-80') }] } },
    { name: 'v2' },
  ],
};

test.each([
  [80, 'rule-80'],
  [81, 'rule'],
  [82, 'rule'],
])('a service on port %i is hashed by %s', (port, name) => {
  expect(hashForService(rule, port)?.httpHeaderName).toBe(name);
});

describe('a destination', () => {
  test.each([
    [{ subset: 'v1', port: { number: 80 } }, 'v1-80'],
    [{ subset: 'v1', port: { number: 82 } }, 'v1'],
    [{ subset: 'v1' }, 'v1'],
    [{ subset: 'v2', port: { number: 80 } }, 'rule-80'],
    [{ subset: 'v2' }, 'rule'],
    [{ subset: 'unknown' }, 'rule'],
    [{}, 'rule'],
  ])('%j is hashed by %s', (destination, name) => {
    expect(hashForDestination(rule, { destination })?.httpHeaderName).toBe(name);
  });

  test('without any hash there is none', () => {
    expect(hashForDestination({}, { destination: {} })).toBeUndefined();
  });
});
