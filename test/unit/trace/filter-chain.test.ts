import { describe, expect, test } from 'vitest';
import type { FilterChain, FilterChainMatch } from '../../../src/envoy/api.gen.ts';
import type { ConnectionTraits } from '../../../src/trace/connection-traits.ts';
import { createChainChooser } from '../../../src/trace/filter-chain.ts';
import { compileExpression } from '../../../src/util/re2.ts';

const traits: ConnectionTraits = {
  destination: { ip: '10.0.0.1', port: 80 },
  source: { ip: '10.0.0.9', port: 40000 },
  serverName: '',
  transportProtocol: 'raw_buffer',
  applicationProtocols: [],
  compile: compileExpression,
};

function choose(matches: Record<string, FilterChainMatch>, over: Partial<ConnectionTraits> = {}): string | undefined {
  const filterChains: FilterChain[] = Object.entries(matches).map(([name, filterChainMatch]) => ({ name, filterChainMatch }));
  const listener = { name: 'l', filterChains, defaultFilterChain: { name: 'default' } };
  return createChainChooser()(listener, { ...traits, ...over }).chain?.name;
}

describe('the filter chain of a connection', () => {
  test('a chain for the port beats one for every port, whatever else they say', () => {
    expect(choose({ any: { transportProtocol: 'raw_buffer' }, port: { destinationPort: 80 } })).toBe('port');
  });

  test('Envoy does not come back: a chain for the port that fails later leaves the default chain', () => {
    expect(choose({ any: {}, port: { destinationPort: 80, transportProtocol: 'tls' } })).toBe('default');
  });

  test('the longest range around the destination wins', () => {
    const range = (addressPrefix: string, prefixLen: number) => ({ prefixRanges: [{ addressPrefix, prefixLen }] });
    expect(choose({ wide: range('10.0.0.0', 8), narrow: range('10.0.0.0', 24), any: {} })).toBe('narrow');
  });

  test('ranges of one length are told apart by their addresses, families by their kind', () => {
    const range = (addressPrefix: string, prefixLen: number) => ({ prefixRanges: [{ addressPrefix, prefixLen }] });
    const chains = {
      odd: range('10.0.0.128', 25),
      even: range('10.0.0.0', 25),
      six: range('fd00::', 8),
      one: range('10.0.0.7', 32),
    };
    const at = (ip: string): string | undefined => choose(chains, { destination: { ip, port: 80 } });
    expect(['10.0.0.1', '10.0.0.200', '10.0.0.7', '::ffff:10.0.0.7', 'fd12::1', 'fe80::1', '11.0.0.1', ''].map(at)).toEqual([
      'even',
      'odd',
      'one',
      'one',
      'six',
      'default',
      'default',
      'default',
    ]);
  });

  test('the range of all addresses of a family is as long as no range at all', () => {
    const all = { prefixRanges: [{ addressPrefix: '0.0.0.0', prefixLen: 0 }], transportProtocol: 'tls' };
    expect(choose({ all, none: { transportProtocol: 'raw_buffer' } })).toBe('none');
    expect(choose({ all, none: { transportProtocol: 'tls' } }, { transportProtocol: 'tls' })).toBe('all');
    expect(choose({ all }, { transportProtocol: 'tls', destination: { ip: 'fd00::1', port: 80 } })).toBe('default');
  });

  test('an exact server name beats a wildcard, a longer wildcard a shorter one', () => {
    const names = {
      exact: { serverNames: ['a.b.example'] },
      long: { serverNames: ['*.b.example'] },
      short: { serverNames: ['*.example'] },
    };
    const over = { transportProtocol: 'tls' };
    expect(choose(names, { ...over, serverName: 'a.b.example' })).toBe('exact');
    expect(choose(names, { ...over, serverName: 'c.b.example' })).toBe('long');
    expect(choose(names, { ...over, serverName: 'c.example' })).toBe('short');
    expect(choose(names, { ...over, serverName: 'example' })).toBe('default');
  });

  test("of several application protocols the client's first that a chain names decides", () => {
    const chains = { tcp: { applicationProtocols: ['istio'] }, http: { applicationProtocols: ['istio-http/1.1'] } };
    expect(choose(chains, { applicationProtocols: ['istio-http/1.1', 'istio'] })).toBe('http');
  });

  test('a connection from the own address is local, others are external', () => {
    const chains: Record<string, FilterChainMatch> = {
      local: { sourceType: 'SAME_IP_OR_LOOPBACK' },
      external: { sourceType: 'EXTERNAL' },
    };
    expect(choose(chains)).toBe('external');
    expect(choose(chains, { source: { ip: '10.0.0.1', port: 1 } })).toBe('local');
  });

  test('says at which condition a chain dropped out', () => {
    const listener = {
      name: 'l',
      filterChains: [{ name: 'tls', filterChainMatch: { transportProtocol: 'tls' } }, { name: 'raw' }],
    };
    expect(
      createChainChooser()(listener, traits)
        .passed()
        .map(({ condition }) => condition),
    ).toEqual(['transport protocol']);
  });
});
