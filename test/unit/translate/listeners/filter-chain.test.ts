import { describe, expect, test } from 'vitest';
import { cidrRange, isListenerAddress, maskedRange } from '../../../../src/translate/listeners/address.ts';
import { buildFilterChainMatch, conflictKey, matchesAll } from '../../../../src/translate/listeners/filter-chain.ts';

describe('addresses', () => {
  test.each([
    ['10.1.2.3', { addressPrefix: '10.1.2.3', prefixLen: 32 }],
    ['10.1.2.3/8', { addressPrefix: '10.1.2.3', prefixLen: 8 }],
    ['0.0.0.0/0', { addressPrefix: '0.0.0.0', prefixLen: 0 }],
    ['2001:db8:0:0::1/64', { addressPrefix: '2001:db8::1', prefixLen: 64 }],
    ['::1', { addressPrefix: '::1', prefixLen: 128 }],
    ['10.1.2/8', undefined],
    ['10.1.2.3/33', undefined],
    ['10.1.2.3/', undefined],
    ['cart.example', undefined],
    ['', undefined],
  ])('%s is the range %j', (text, range) => {
    expect(cidrRange(text)).toEqual(range);
  });

  test('ranges are equal when their networks are', () => {
    expect(maskedRange({ addressPrefix: '10.1.2.3', prefixLen: 8 })).toBe(
      maskedRange({ addressPrefix: '10.9.9.9', prefixLen: 8 }),
    );
  });

  test('a name is no address', () => {
    expect([isListenerAddress('10.0.0.1'), isListenerAddress('::1'), isListenerAddress('cart.example')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('filter chain matches', () => {
  test('nothing, or any server name, takes everything', () => {
    expect(matchesAll({})).toBe(true);
    expect(matchesAll({ serverNames: ['*'] })).toBe(true);
    expect(matchesAll({ serverNames: ['a.example'] })).toBe(false);
    expect(buildFilterChainMatch({ serverNames: ['*'] })).toBeUndefined();
  });

  test('names and ranges are sorted as text; any name or address matches nothing in particular', () => {
    expect(
      buildFilterChainMatch({ serverNames: ['b', 'a'], destinations: ['9.0.0.0/8', '10.0.0.1', '0.0.0.0/0', 'no address'] }),
    ).toEqual({
      serverNames: ['a', 'b'],
      prefixRanges: [
        { addressPrefix: '10.0.0.1', prefixLen: 32 },
        { addressPrefix: '9.0.0.0', prefixLen: 8 },
      ],
    });
  });

  test('two matches conflict when Envoy could not tell them apart', () => {
    expect(conflictKey({ serverNames: ['a', 'b'] })).toBe(conflictKey({ serverNames: ['b', 'a', '*'] }));
    expect(conflictKey({ destinations: ['10.1.0.0/8'] })).toBe(conflictKey({ destinations: ['10.2.0.0/8'] }));
    expect(conflictKey({ destinations: ['10.1.0.0/16'] })).not.toBe(conflictKey({ destinations: ['10.2.0.0/16'] }));
    expect(conflictKey({ transportProtocol: 'tls' })).not.toBe(conflictKey({}));
    expect(conflictKey({ applicationProtocols: ['h2c'] })).not.toBe(conflictKey({}));
    expect(conflictKey({})).toBe(conflictKey({}));
  });
});
