import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FilterChain, FilterChainMatch, ListenerFilterChainMatchPredicate, RouteMatch } from '../../../src/envoy/api.gen.ts';
import { overlappingChains } from '../../../src/findings/compiled/overlapping-chains.ts';
import { createChainChooser } from '../../../src/trace/filter-chain.ts';
import { createHeaders } from '../../../src/trace/headers.ts';
import { createRouteIndex } from '../../../src/trace/http/route-index.ts';
import { findRoute, type RoutedRequest } from '../../../src/trace/http/route-match.ts';
import { createHostIndex } from '../../../src/trace/http/virtual-hosts.ts';
import { createLookups } from '../../../src/trace/lookups.ts';
import { createPortPredicate } from '../../../src/trace/port-predicate.ts';
import { compileExpression } from '../../../src/util/re2.ts';

/** Short lists of few values, so that they meet often. */
const some = <T>(...values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

test('the expressions of users are compiled once for a data plane, and not shared with others', () => {
  const { compile } = createLookups();
  expect(compile('/a.*')).toBe(compile('/a.*'));
  expect(compile('/a.*')).not.toBe(createLookups().compile('/a.*'));
  expect(compile('(')).toBeUndefined();
});

describe('indexes find what looking at each finds', () => {
  test('routes by their paths', () => {
    const text = fc.constantFrom('/', '/a', '/a/b', '/A', '/ab', '');
    const match: fc.Arbitrary<RouteMatch> = fc.oneof(
      fc.record({ path: text }),
      fc.record({ prefix: text, caseSensitive: fc.boolean() }),
      fc.record({ pathSeparatedPrefix: fc.constantFrom('/a', '/a/b') }),
      fc.record({ safeRegex: fc.constantFrom({ regex: '/a.*' }, { regex: '/[^a]' }) }),
      fc.constant({ connectMatcher: {} }),
      fc.constant({}),
      fc.record({ prefix: text, headers: fc.constant([{ name: 'x', presentMatch: true }]) }),
    );
    const path = fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/A/x', '/abc', '/z');
    fc.assert(
      fc.property(fc.array(match, { maxLength: 8 }), path, fc.boolean(), (matches, wanted, hasHeader) => {
        const routes = matches.map((one, place) => ({ name: String(place), match: one }));
        const headers = createHeaders([
          [':method', 'GET'],
          [':path', `${wanted}?q`],
          ...(hasHeader ? [['x', '1'] as const] : []),
        ]);
        const request: RoutedRequest = {
          headers,
          metadata: new Map(),
          isTls: false,
          hasClientCertificate: false,
          happens: () => true,
          compile: compileExpression,
        };
        const index = createRouteIndex({ name: 'h', domains: ['*'], routes });
        expect(findRoute(index.routesFor(wanted), request).route).toBe(findRoute(routes, request).route);
      }),
    );
  });

  test('virtual hosts by their domains', () => {
    const domain = fc.constantFrom('*', '*.b', '*b', '*.a.b', 'a.b', 'a.*', 'a*', 'A.B', 'x*y');
    const rank = (own: string, host: string): number => {
      if (own === host) return 4000;
      if (own === '*') return 1;
      if (host.length < own.length) return 0;
      if (own.startsWith('*')) return host.endsWith(own.slice(1)) ? 2000 + own.length : 0;
      return own.endsWith('*') && host.startsWith(own.slice(0, -1)) ? 1000 + own.length : 0;
    };
    const host = fc.constantFrom('a.b', 'a.a.b', 'c.a.b', 'b', '.b', 'ab', 'a.c', 'a', '', 'C.B');
    fc.assert(
      fc.property(fc.array(domain, { maxLength: 6 }), host, (domains, authority) => {
        const virtualHosts = domains.map((one, place) => ({ name: String(place), domains: [one] }));
        const found = createHostIndex({ name: 'r', virtualHosts }).find(authority);
        const ranks = domains.map((one) => rank(one.toLowerCase(), authority.toLowerCase()));
        const best = Math.max(0, ...ranks);
        expect(found?.virtualHost.name).toBe(best === 0 ? undefined : String(ranks.indexOf(best)));
      }),
    );
  });

  test('ports by the predicates of listener filters', () => {
    const range = (start: number, end: number) => ({ destinationPortRange: { start, end } });
    const { predicate } = fc.letrec<{ predicate: ListenerFilterChainMatchPredicate }>((tie) => ({
      predicate: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom({}, { anyMatch: true }, range(80, 81), range(80, 90), range(9, 9)),
        fc.record({ notMatch: tie('predicate') }),
        fc.record({ orMatch: fc.record({ rules: fc.array(tie('predicate'), { maxLength: 3 }) }) }),
        fc.record({ andMatch: fc.record({ rules: fc.array(tie('predicate'), { maxLength: 3 }) }) }),
      ),
    }));
    const holds = (one: ListenerFilterChainMatchPredicate, port: number): boolean => {
      if (one.orMatch !== undefined) return (one.orMatch.rules ?? []).some((rule) => holds(rule, port));
      if (one.andMatch !== undefined) return (one.andMatch.rules ?? []).every((rule) => holds(rule, port));
      if (one.notMatch !== undefined) return !holds(one.notMatch, port);
      const { start = 0, end = 0 } = one.destinationPortRange ?? {};
      return one.destinationPortRange === undefined ? one.anyMatch === true : port >= start && port < end;
    };
    fc.assert(
      fc.property(predicate, fc.constantFrom(8, 9, 80, 81, 90), (one, port) => {
        expect(createPortPredicate(one)(port)).toBe(holds(one, port));
      }),
    );
  });

  const range = fc.constantFrom(
    { addressPrefix: '10.0.0.0', prefixLen: 8 },
    { addressPrefix: '10.1.2.3', prefixLen: 15 },
    { addressPrefix: '10.1.0.1', prefixLen: 32 },
    { addressPrefix: '0.0.0.0', prefixLen: 0 },
    { addressPrefix: 'fd00::', prefixLen: 8 },
  );
  const chainMatch: fc.Arbitrary<FilterChainMatch> = fc
    .record({
      destinationPort: maybe(fc.constantFrom(80, 81)),
      prefixRanges: maybe(fc.array(range, { maxLength: 2 })),
      serverNames: some('a.b', '*.b', 'A.b'),
      applicationProtocols: maybe(some('h2', 'istio')),
      sourceType: maybe(fc.constantFrom('ANY', 'EXTERNAL', 'SAME_IP_OR_LOOPBACK') as fc.Arbitrary<never>),
      sourcePorts: maybe(some(1, 2)),
    })
    .map((match) => JSON.parse(JSON.stringify(match)) as FilterChainMatch);
  const chains = fc
    .array(chainMatch, { maxLength: 6 })
    .map((matches) => matches.map((filterChainMatch, place): FilterChain => ({ name: String(place), filterChainMatch })));

  test('filter chains have all that they state in common with the connection that they take', () => {
    fc.assert(
      fc.property(
        chains,
        fc.constantFrom(80, 82),
        fc.constantFrom('10.1.0.1', '10.9.9.9', '11.0.0.1', 'fd00::1'),
        (all, port, ip) => {
          const traits = {
            destination: { ip, port },
            source: { ip: '10.0.0.9', port: 1 },
            serverName: 'a.b',
            transportProtocol: 'tls',
            applicationProtocols: ['h2'],
            compile: compileExpression,
          };
          const choose = createChainChooser();
          const { chain, passed } = choose({ name: 'l', filterChains: all }, traits);
          expect(choose({ name: 'l', filterChains: all }, traits).chain).toBe(chain);
          const dropped = new Set(passed().map((one) => one.chain));
          expect(all.find((one) => !dropped.has(one))).toBe(chain);
          if (chain === undefined) return;
          const {
            destinationPort = port,
            serverNames = [],
            sourcePorts = [],
            applicationProtocols = [],
          } = chain.filterChainMatch ?? {};
          expect(destinationPort).toBe(port);
          expect(serverNames.length === 0 || serverNames.some((name) => ['a.b', '*.b'].includes(name.toLowerCase()))).toBe(true);
          expect(sourcePorts.length === 0 || sourcePorts.includes(1)).toBe(true);
          expect(applicationProtocols.length === 0 || applicationProtocols.includes('h2')).toBe(true);
        },
      ),
    );
  });

  test('filter chains with the rules of others, rule by rule', () => {
    fc.assert(
      fc.property(chains, (all) => {
        const seen = new Map<string, number>();
        const expected = all.flatMap((chain, index) => {
          const shared = rulesOf(chain.filterChainMatch ?? {}).flatMap((rule) => {
            const other = seen.get(rule);
            seen.set(rule, other ?? index);
            return other === undefined ? [] : [{ index, other, rule }];
          });
          return shared.slice(0, 1);
        });
        const found = overlappingChains(all).map(({ chain, other, rule }) => ({
          index: all.indexOf(chain),
          other: all.indexOf(other),
          rule: rule.join('|'),
        }));
        expect(found).toEqual(expected);
      }),
    );
  });
});

/** Each rule of a match, written out. */
function rulesOf(match: FilterChainMatch): readonly string[] {
  const lists = [
    match.destinationPort === undefined ? [] : [`port ${match.destinationPort}`],
    (match.prefixRanges ?? []).map(({ addressPrefix, prefixLen }) => `${addressPrefix}/${prefixLen}`),
    (match.serverNames ?? []).map((name) => `server name ${name.toLowerCase()}`),
    (match.applicationProtocols ?? []).map((name) => `protocol ${name}`),
    match.sourceType === undefined ? [] : [`source ${match.sourceType}`],
    (match.sourcePorts ?? []).map((port) => `source port ${port}`),
  ];
  let rules: readonly (readonly string[])[] = [[]];
  for (const list of lists) rules = rules.flatMap((rule) => (list.length === 0 ? [rule] : list.map((value) => [...rule, value])));
  return rules.map((rule) => rule.join('|'));
}
