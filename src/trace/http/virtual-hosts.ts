import type { RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';
import { ALWAYS, allOf, type Formula, NEVER, not, textTest } from '../../request-space/formula.ts';
import { quoteMeta } from '../../util/text.ts';
import { AUTHORITY } from '../recording/parts.ts';

/** A virtual host, and the domain of it that fits. */
export interface FoundHost {
  readonly virtualHost: VirtualHost;
  readonly domain: string;
}

/** The virtual hosts of a route configuration, by the hosts of requests. */
export interface VirtualHostIndex {
  find(authority: string): FoundHost | undefined;
}

/**
 * Finds the virtual host for a host header: an exact domain, else the longest suffix wildcard, the longest prefix wildcard, `*`.
 * Envoy source/common/router/config_impl.cc RouteMatcher::findVirtualHost.
 */
export function createHostIndex({ virtualHosts = [], ignorePortInHostMatching }: RouteConfiguration): VirtualHostIndex {
  const exact = new Map<string, FoundHost>();
  const suffixes = new Map<string, FoundHost>();
  const prefixes = new Map<string, FoundHost>();
  for (const virtualHost of virtualHosts) {
    for (const domain of virtualHost.domains ?? []) {
      const lower = domain.toLowerCase();
      const [table, key] = lower.startsWith('*')
        ? [suffixes, lower.slice(1)]
        : lower.endsWith('*')
          ? [prefixes, lower.slice(0, -1)]
          : [exact, lower];
      if (!table.has(key)) table.set(key, { virtualHost, domain });
    }
  }
  const [longestSuffix, longestPrefix] = [longest(suffixes.keys()), longest(prefixes.keys())];
  return {
    find(authority) {
      const lower = authority.toLowerCase();
      const host = ignorePortInHostMatching === true ? lower.replace(/:\d*$/, '') : lower;
      const named = exact.get(host);
      if (named !== undefined) return named;
      // A wildcard stands for at least one character; `*` alone also for none.
      for (let start = Math.max(1, host.length - longestSuffix); start < host.length; start++) {
        const found = suffixes.get(host.slice(start));
        if (found !== undefined) return found;
      }
      for (let end = Math.min(longestPrefix, host.length - 1); end > 0; end--) {
        const found = prefixes.get(host.slice(0, end));
        if (found !== undefined) return found;
      }
      return suffixes.get('');
    },
  };
}

/** A domain of a virtual host, and what it says of hosts that no domain before it takes. */
export interface HostDomain extends FoundHost {
  readonly formula: Formula;
}

/**
 * The domains in the order in which they are found: each stands for all that those before it do not. As `createHostIndex`. `formulaOf` gives
 * what a domain says of a host, for those who remember that.
 */
export function domainsOf(
  { virtualHosts = [], ignorePortInHostMatching: ignoresPort = false }: RouteConfiguration,
  formulaOf: typeof formulaOfDomain = formulaOfDomain,
): readonly HostDomain[] {
  const rank = (domain: string): readonly [number, number] =>
    domain === '*' ? [3, 0] : domain.startsWith('*') ? [1, -domain.length] : domain.endsWith('*') ? [2, -domain.length] : [0, 0];
  return virtualHosts
    .flatMap((virtualHost) => (virtualHost.domains ?? []).map((domain) => ({ virtualHost, domain, rank: rank(domain) })))
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1])
    .map(({ virtualHost, domain }) => ({ virtualHost, domain, formula: formulaOf(domain, ignoresPort) }));
}

/** Which hosts a domain stands for: a wildcard for at least one character, `*` alone also for none. */
export function formulaOfDomain(domain: string, ignoresPort: boolean): Formula {
  if (domain === '*') return ALWAYS;
  const kind = domain.startsWith('*') ? 'suffix' : domain.endsWith('*') ? 'prefix' : 'exact';
  const named = kind === 'suffix' ? domain.slice(1) : kind === 'prefix' ? domain.slice(0, -1) : domain;
  if (!ignoresPort) {
    const formula = textTest(AUTHORITY, { kind, text: named, ignoringCase: true });
    return kind === 'exact'
      ? formula
      : allOf([formula, not(textTest(AUTHORITY, { kind: 'exact', text: named, ignoringCase: true }))]);
  }
  if (kind !== 'prefix' && /:\d*$/.test(named)) return NEVER;
  const [before, after] = [kind === 'suffix' ? '.+' : '', kind === 'prefix' ? '.+' : ''];
  const expression = `(?is)${before}${quoteMeta(named)}${after}${PORT}`;
  const withPort = textTest(AUTHORITY, { kind: 'regex', expression });
  if (kind !== 'prefix') return withPort;
  // The port alone is no more than the prefix.
  return allOf([withPort, not(textTest(AUTHORITY, { kind: 'regex', expression: `(?is)${quoteMeta(named)}${PORT}` }))]);
}

const PORT = '(?::[0-9]*)?';

/** The domain that an expression stands for which hosts with any port are found by; undefined for patterns and other expressions. */
export function domainOfExpression(expression: string): string | undefined {
  if (!expression.startsWith('(?is)') || !expression.endsWith(PORT)) return undefined;
  const quoted = expression.slice('(?is)'.length, -PORT.length);
  const domain = quoted.replace(/\\(.)/g, '$1');
  return quoteMeta(domain) === quoted ? domain : undefined;
}

function longest(texts: Iterable<string>): number {
  let length = 0;
  for (const text of texts) length = Math.max(length, text.length);
  return length;
}
