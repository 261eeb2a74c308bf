import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CidrRange, FilterChain, FilterChainMatch, Listener } from '../../../src/envoy/api.gen.ts';
import { chainsOf } from '../../../src/envoy/filter-chains.ts';
import { chainVerdicts } from '../../../src/exploration/chain-verdicts.ts';
import type { ConnectionExample } from '../../../src/exploration/chain-walk.ts';
import { createChainChooser } from '../../../src/trace/filter-chain.ts';
import { compileExpression } from '../../../src/util/re2.ts';

const KNOWN = { arePortsKnown: true, isKnownAddress: () => true };
const inspectors = {
  tls: {
    name: 'envoy.filters.listener.tls_inspector',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector' },
  },
  http: {
    name: 'envoy.filters.listener.http_inspector',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector' },
  },
} as const;

function range(text: string): CidrRange {
  const [addressPrefix = '', length] = text.split('/');
  return { addressPrefix, prefixLen: Number(length) };
}

const ranges = (...texts: readonly string[]): FilterChainMatch => ({ prefixRanges: texts.map(range) });
const sources = (...texts: readonly string[]): FilterChainMatch => ({ sourcePrefixRanges: texts.map(range) });
const names = (...serverNames: readonly string[]): FilterChainMatch => ({ serverNames });

/** A listener whose chains are named; the one that is named `default` is the default chain. */
function listenerOf(matches: Readonly<Record<string, FilterChainMatch>>, over: Partial<Listener> = {}): Listener {
  const { default: isThere, ...others } = matches;
  return {
    name: 'l',
    address: { socketAddress: { address: '0.0.0.0', portValue: 443 } },
    listenerFilters: [inspectors.tls, inspectors.http],
    filterChains: Object.entries(others).map(([name, filterChainMatch]): FilterChain => ({ name, filterChainMatch })),
    ...(isThere !== undefined && { defaultFilterChain: { name: 'default' } }),
    ...over,
  };
}

function chosen(listener: Listener, connection: ConnectionExample): string | undefined {
  return createChainChooser()(listener, { ...connection, compile: compileExpression }).chain?.name;
}

/** Why chains are not reached: `name: why by whom`. That each of the others takes its witness is looked at. */
function unreached(
  matches: Readonly<Record<string, FilterChainMatch>>,
  over: Partial<Listener> = {},
  trust: Parameters<typeof chainVerdicts>[1] = KNOWN,
): readonly string[] {
  const listener = listenerOf(matches, over);
  const chains = chainsOf(listener);
  return chainVerdicts(listener, trust, () => true).flatMap((verdict, place) => {
    const { name } = chains[place] ?? {};
    if (verdict === undefined) return [`${name}: undecided`];
    if ('witness' in verdict) {
      expect(chosen(listener, verdict.witness)).toBe(name);
      return [];
    }
    return [`${name}: ${[verdict.because, ...verdict.places.map((at) => chains[at]?.name)].join(' ')}`];
  });
}

describe('filter chains that no connection reaches', () => {
  test('ranges of destinations that cover a wider one together', () => {
    const halves = { low: ranges('10.0.0.0/9'), high: ranges('10.128.0.0/9') };
    expect(unreached({ wide: ranges('10.0.0.0/8'), ...halves })).toEqual(['wide: taken low high']);
    expect(unreached({ wide: ranges('10.0.0.0/8'), low: halves.low })).toEqual([]);
    expect(unreached({ wide: ranges('10.0.0.0/8', 'fd00::/8'), ...halves })).toEqual([]);
  });

  test('ranges of sources that do, also those of the other end of the connection', () => {
    expect(unreached({ wide: sources('10.0.0.0/8'), low: sources('10.0.0.0/9'), high: sources('10.128.0.0/9') })).toEqual([
      'wide: taken low high',
    ]);
    const low: FilterChainMatch = { directSourcePrefixRanges: [range('10.0.0.0/9')] };
    expect(unreached({ wide: sources('10.0.0.0/8'), low, high: sources('10.128.0.0/9') })).toEqual(['wide: taken low high']);
    expect(unreached({ wide: sources('10.0.0.0/8'), low })).toEqual([]);
    expect(unreached({ odd: { ...low, ...sources('10.128.0.0/9') } })).toEqual(['odd: excludes itself']);
  });

  test('Envoy does not come back from a narrower range that has only other names', () => {
    const web = { ...ranges('10.0.0.0/8'), ...names('web.example') };
    const inner = {
      low: { ...ranges('10.0.0.0/9'), ...names('a.example') },
      high: { ...ranges('10.128.0.0/9'), ...names('b.example') },
    };
    expect(unreached({ web, ...inner })).toEqual(['web: led away low high']);
    expect(unreached({ web, low: inner.low })).toEqual([]);
  });

  test('a wildcard leaves names, whatever else is named', () => {
    expect(unreached({ all: names('*.example'), one: names('a.example'), inner: names('*.a.example'), none: {} })).toEqual([]);
  });

  test('a wildcard whose subnets are those of a narrower one', () => {
    const wide = { ...ranges('10.0.0.0/8'), ...names('*.example') };
    expect(unreached({ wide, narrow: { ...ranges('10.0.0.0/9', '10.128.0.0/9'), ...names('*.a.example') } })).toEqual([
      'wide: led away narrow',
    ]);
    expect(unreached({ wide, narrow: { ...ranges('10.0.0.0/8'), ...names('*.a.example') } })).toEqual([]);
  });

  test('a port that the listener does not have', () => {
    expect(unreached({ other: { destinationPort: 8443 }, own: { destinationPort: 443 }, any: {} })).toEqual([
      'other: comes from nowhere',
      'any: taken own',
    ]);
    expect(unreached({ other: { destinationPort: 8443 } }, { useOriginalDst: true })).toEqual([]);
    expect(unreached({ other: { destinationPort: 8443 } }, {}, { ...KNOWN, arePortsKnown: false })).toEqual([]);
  });

  test('an address that the listener does not have, where it is known', () => {
    const at = { address: { socketAddress: { address: '203.0.113.9', portValue: 443 } } };
    expect(unreached({ other: ranges('10.0.0.0/8'), own: ranges('203.0.113.0/24') }, at)).toEqual(['other: comes from nowhere']);
    expect(unreached({ other: ranges('10.0.0.0/8') }, at, { ...KNOWN, isKnownAddress: () => false })).toEqual([]);
  });

  test('names and protocols that nobody looks for, or that plain text does not have', () => {
    const plain = { listenerFilters: [inspectors.http] };
    expect(unreached({ tls: { transportProtocol: 'tls' }, named: names('a.example'), any: {} }, plain)).toEqual([
      'tls: comes from nowhere',
      'named: comes from nowhere',
    ]);
    expect(unreached({ odd: { ...names('a.example'), transportProtocol: 'raw_buffer' } })).toEqual(['odd: excludes itself']);
    const protocols = { applicationProtocols: ['h2'], transportProtocol: 'raw_buffer' };
    expect(unreached({ odd: protocols })).toEqual(['odd: excludes itself']);
    expect(unreached({ one: { ...protocols, applicationProtocols: ['h2', 'h2c'] } })).toEqual([]);
    expect(unreached({ one: { applicationProtocols: ['h2c'] } }, { listenerFilters: [inspectors.tls] })).toEqual([]);
  });

  test('inspectors that are off at the port', () => {
    const off = (port: number): Partial<Listener> => ({
      useOriginalDst: true,
      listenerFilters: [{ ...inspectors.tls, filterDisabled: { destinationPortRange: { start: port, end: port + 1 } } }],
    });
    const secure = { destinationPort: 9000, transportProtocol: 'tls' };
    expect(unreached({ secure }, off(9000))).toEqual(['secure: comes from nowhere']);
    expect(unreached({ secure }, off(9001))).toEqual([]);
    const plain = { ...secure, transportProtocol: 'raw_buffer' };
    expect(unreached({ any: { transportProtocol: 'tls' }, plain }, off(443))).toEqual([]);
  });

  test('transports that are both taken before', () => {
    const [tls, raw] = [{ transportProtocol: 'tls' }, { transportProtocol: 'raw_buffer' }];
    expect(unreached({ any: {}, tls, raw, default: {} })).toEqual(['any: taken tls raw', 'default: taken any tls raw']);
    expect(unreached({ any: {}, tls })).toEqual([]);
  });

  test('local and other clients, that are all', () => {
    const [local, external] = [{ sourceType: 'SAME_IP_OR_LOOPBACK' }, { sourceType: 'EXTERNAL' }] as const;
    expect(unreached({ any: {}, local, external })).toEqual(['any: taken local external']);
    expect(unreached({ any: {}, local })).toEqual([]);
    expect(unreached({ odd: { ...external, ...sources('127.0.0.0/8') } })).toEqual(['odd: excludes itself']);
    const own = { ...external, ...ranges('10.0.0.1/32') };
    expect(unreached({ odd: { ...own, ...sources('10.0.0.1/32') } })).toEqual(['odd: excludes itself']);
    expect(unreached({ one: { ...own, ...sources('10.0.0.0/31') } })).toEqual([]);
  });

  test('what is left over for the default chain', () => {
    expect(unreached({ any: {}, default: {} })).toEqual(['default: taken any']);
    expect(unreached({ some: ranges('0.0.0.0/0'), default: {} })).toEqual([]);
  });

  test('nothing is said of listeners that Envoy refuses, or that nobody knows well enough', () => {
    expect(unreached({ one: names('a.example'), other: names('a.example', 'b.example') })).toEqual([
      'one: undecided',
      'other: undecided',
    ]);
    const other = { destinationPort: 8443 };
    const undecided = ['other: undecided'];
    expect(unreached({ other }, { listenerFilters: [{ name: 'somebody.else' }] })).toEqual(undecided);
    expect(unreached({ other }, { filterChainMatcher: {} })).toEqual(undecided);
    expect(unreached({ other }, { udpListenerConfig: {} })).toEqual(undecided);
    expect(unreached({ other: { ...other, serverNames: [''] } })).toEqual(undecided);
    // Which of two ranges of all addresses Envoy goes on with is left to chance.
    expect(unreached({ whole: { ...ranges('::/0'), ...names('a.example') }, none: {} })).toEqual([
      'whole: undecided',
      'none: undecided',
    ]);
  });

  test('of very many chains, only as far as it is quick to tell', () => {
    const hosts = Array.from({ length: 600 }, (_, at) => `h${at}.example`);
    const subnets = Array.from({ length: 600 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
    const begin = performance.now();
    const each = Object.fromEntries(hosts.map((host) => [host, names(host)]));
    expect(unreached({ ...each, default: {} })).toEqual([]);
    expect(unreached({ whole: { ...ranges(...subnets), ...names(...hosts) }, any: ranges('10.0.0.0/8') })).toEqual([]);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });
const some = <T>(...values: readonly T[]): fc.Arbitrary<T[] | undefined> =>
  maybe(fc.uniqueArray(oneOf(...values), { minLength: 1, maxLength: 3 }));
const RANGES = [
  '10.0.0.0/8',
  '10.0.0.0/9',
  '10.128.0.0/9',
  '10.0.0.0/31',
  '10.0.0.1/32',
  '127.0.0.0/9',
  '127.128.0.0/9',
  'fd00::/8',
  'fd00::/9',
  'fd80::/9',
];
const ADDRESSES = [
  '10.0.0.0',
  '10.0.0.1',
  '10.9.9.9',
  '10.200.0.1',
  '127.0.0.1',
  '127.200.0.1',
  '192.0.2.9',
  'fd00::1',
  'fdff::1',
  '2001:db8::9',
];
const NAMES = ['a.b.example', 'b.example', '*.b.example', '*.example', 'c.example'];
const PROTOCOLS = ['h2', 'http/1.1', 'h2c', 'istio'];

const matchArbitrary: fc.Arbitrary<FilterChainMatch> = fc
  .record({
    destinationPort: maybe(oneOf(443, 80)),
    prefixRanges: some(...RANGES),
    serverNames: some(...NAMES),
    transportProtocol: maybe(oneOf('tls', 'raw_buffer')),
    applicationProtocols: some(...PROTOCOLS),
    directSourcePrefixRanges: some(...RANGES),
    sourceType: maybe(oneOf('EXTERNAL' as const, 'SAME_IP_OR_LOOPBACK' as const, 'ANY' as const)),
    sourcePrefixRanges: some(...RANGES),
    sourcePorts: some(1000, 2000),
  })
  // A chain asks for a few things, as a rule.
  .chain((match) =>
    fc.subarray(Object.entries(match), { maxLength: 4 }).map((entries) => {
      const { prefixRanges, directSourcePrefixRanges, sourcePrefixRanges, ...others } = Object.fromEntries(
        entries.filter(([, value]) => value !== undefined),
      ) as Record<string, unknown>;
      const lists = { prefixRanges, directSourcePrefixRanges, sourcePrefixRanges };
      const stated = Object.entries(lists).filter(([, list]) => list !== undefined);
      return { ...others, ...Object.fromEntries(stated.map(([name, list]) => [name, (list as string[]).map(range)])) };
    }),
  );

const listenerArbitrary: fc.Arbitrary<Listener> = fc
  .record({
    matches: fc.array(matchArbitrary, { minLength: 1, maxLength: 8 }),
    hasDefault: fc.boolean(),
    isElsewhere: fc.boolean(),
    address: oneOf('0.0.0.0', '10.0.0.1'),
    filters: fc.subarray(['tls', 'http'] as const),
    disabledAt: maybe(oneOf(443, 80, 7)),
  })
  .map(({ matches, hasDefault, isElsewhere, address, filters, disabledAt }) =>
    listenerOf(
      { ...Object.fromEntries(matches.map((match, at) => [`c${at}`, match])), ...(hasDefault && { default: {} }) },
      {
        useOriginalDst: isElsewhere,
        address: { socketAddress: { address, portValue: 443 } },
        listenerFilters: filters.map((kind) => ({
          ...inspectors[kind],
          ...(disabledAt !== undefined && {
            filterDisabled: { destinationPortRange: { start: disabledAt, end: disabledAt + 1 } },
          }),
        })),
      },
    ),
  );

/** Connections that can come to a listener. */
function connectionArbitrary(listener: Listener): fc.Arbitrary<ConnectionExample> {
  const { useOriginalDst = false, address, listenerFilters = [] } = listener;
  const own = address?.socketAddress?.address ?? '';
  const isWild = useOriginalDst || own === '0.0.0.0';
  return fc
    .record({
      ip: isWild ? oneOf(...ADDRESSES) : fc.constant(own),
      port: useOriginalDst ? oneOf(443, 80, 7, 9) : fc.constant(443),
      source: oneOf(...ADDRESSES),
      sourcePort: oneOf(1000, 2000, 3000),
      isTls: fc.boolean(),
      serverName: oneOf('', 'a.b.example', 'x.b.example', 'b.example', 'c.example', 'd.example', 'x.y.b.example', 'else.where'),
      protocols: fc.uniqueArray(oneOf(...PROTOCOLS, 'other'), { maxLength: 2 }),
    })
    .map(({ ip, port, source, sourcePort, isTls, serverName, protocols }) => {
      const sees = (kind: 'tls' | 'http'): boolean =>
        listenerFilters.some(
          ({ name, filterDisabled }) => name === inspectors[kind].name && filterDisabled?.destinationPortRange?.start !== port,
        );
      const seenTls = isTls && sees('tls');
      const plain = !isTls && sees('http') ? protocols.filter((name) => ['http/1.1', 'h2c'].includes(name)).slice(0, 1) : [];
      return {
        destination: { ip, port },
        source: { ip: source, port: sourcePort },
        serverName: seenTls ? serverName : '',
        transportProtocol: seenTls ? 'tls' : 'raw_buffer',
        applicationProtocols: seenTls ? protocols : plain,
      };
    });
}

describe('chains made by chance', () => {
  const runs = Number(process.env.MESH_CHAINS ?? 150);
  test('each is taken by its witness, or by none of 1,000 connections', () => {
    let [reached, unreachable] = [0, 0];
    fc.assert(
      fc.property(listenerArbitrary, fc.integer(), (listener, seed) => {
        const chains = chainsOf(listener);
        const verdicts = chainVerdicts(listener, KNOWN, () => true);
        const proven = new Set<string>();
        for (const [place, verdict] of verdicts.entries()) {
          const name = chains[place]?.name ?? '';
          if (verdict === undefined) continue;
          if ('witness' in verdict) {
            expect(chosen(listener, verdict.witness)).toBe(name);
            reached++;
          } else {
            proven.add(name);
            unreachable++;
          }
        }
        if (proven.size === 0) return;
        const choose = createChainChooser();
        for (const connection of fc.sample(connectionArbitrary(listener), { numRuns: 1000, seed })) {
          const { chain, isDefault } = choose(listener, { ...connection, compile: compileExpression });
          if (proven.has(chain?.name ?? '')) expect([chain?.name, isDefault, connection, listener]).toBeUndefined();
        }
      }),
      { numRuns: runs },
    );
    expect(reached).toBeGreaterThan(0);
    expect(unreachable).toBeGreaterThan(0);
  }, 120_000);
});
