import type { ProxyConfig } from '../../api/istio.gen.ts';
import type { Bootstrap, StatsConfig, StringMatcher } from '../../envoy/api.gen.ts';
import { formatDuration, parseDuration } from '../../util/duration.ts';
import { compact, nonEmpty, own } from '../../util/object.ts';

/** What the statistics of a proxy depend on. */
export interface StatsInput {
  readonly config: ProxyConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ips: readonly string[];
  /** Whether the proxy ends when its last connection does (EXIT_ON_ZERO_ACTIVE_CONNECTIONS). */
  readonly exitsWithoutConnections: boolean;
  /** Whether it learns of its peers from istiod. */
  readonly discoversPeers: boolean;
}

const ANNOTATION = 'sidecar.istio.io/';
const requiredPrefixes = ['cluster_manager', 'listener_manager', 'server', 'cluster.xds-grpc', 'wasm'];
const requiredSuffixes = ['rbac.allowed', 'rbac.denied', 'shadow_allowed', 'shadow_denied'];
const requiredRegexps = ['vhost\\..*\\.route\\..*'];

/** Tags that Envoy takes out of the names of statistics: those of Envoy's own statistics, then, after the user's, of Istio's. */
const envoyTags: readonly (readonly [name: string, regex: string])[] = [
  ['cluster_name', '^cluster(\\.(.+);)'],
  ['http_conn_manager_prefix', '^http\\.(((?:[_.[:digit:]\\w]*|[_\\[\\]aAbBcCdDeEfF[:digit:]\\w\\:]*));\\.)'],
  ['thread_name', '^server(\\.(.+))\\.watchdog'],
  ['tcp_prefix', '^tcp\\.((.*?)\\.)\\w+?$'],
  ['response_code', '_rq(_(\\d{3}))$'],
  ['response_code_class', '_rq(_(\\dxx))$'],
  ['http_conn_manager_listener_prefix', '^listener(?=\\.).*?\\.http\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)'],
  ['listener_address', '^listener\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)'],
  ['mongo_prefix', '^mongo\\.(.+?)\\.(collection|cmd|cx_|op_|delays_|decoding_)(.*?)$'],
];
const istioTags: readonly (readonly [name: string, regex: string])[] = [
  ['cache', '(cache\\.(.+?)\\.)'],
  ['component', '(component\\.(.+?)\\.)'],
  ['tag', '(tag\\.(.+?);\\.)'],
  ['wasm_filter', '(wasm_filter\\.(.+?)\\.)'],
  ['authz_enforce_result', 'rbac(\\.(allowed|denied))'],
  ['authz_dry_run_action', '(\\.istio_dry_run_(allow|deny)_)'],
  ['authz_dry_run_result', '(\\.shadow_(allowed|denied))'],
];

/** Which statistics Envoy keeps, and how they are labelled; istio pkg/bootstrap/config.go getStatsOptions. */
export function statsConfig({ config, annotations, ips, exitsWithoutConnections, discoversPeers }: StatsInput): StatsConfig {
  const matcher = config.proxyStatsMatcher ?? {};
  // A pattern can stand for the addresses of the pod.
  const resolve = (annotation: string, configured: readonly string[] = [], required: readonly string[]): readonly string[] => {
    const written = annotations[`${ANNOTATION}${annotation}`] ?? '';
    return [...(written === '' ? configured : written.split(',')), ...required].flatMap((pattern) =>
      pattern.includes('{pod_ip}') ? ips.map((ip) => pattern.replaceAll('{pod_ip}', ip)) : [pattern],
    );
  };
  const prefixes = resolve('statsInclusionPrefixes', matcher.inclusionPrefixes, requiredPrefixes);
  const suffixes = resolve('statsInclusionSuffixes', matcher.inclusionSuffixes, [
    ...requiredSuffixes,
    ...(exitsWithoutConnections ? ['downstream_cx_active'] : []),
  ]);
  const regexps = resolve('statsInclusionRegexps', matcher.inclusionRegexps, requiredRegexps);
  const patterns: readonly StringMatcher[] = [
    { prefix: 'reporter=' },
    ...(discoversPeers ? [{ prefix: 'workload_discovery' }] : []),
    ...prefixes.map((prefix) => ({ prefix })),
    ...suffixes.map((suffix) => ({ suffix })),
    ...regexps.map((regex) => ({ safeRegex: { regex } })),
    { prefix: 'component' },
    { prefix: 'istio' },
  ];
  const tags = [...envoyTags, ...extraTags(config, annotations), ...istioTags];
  return compact({
    statsTags: tags.map(([tagName, regex]) => ({ tagName, regex })),
    useAllDefaultTags: false,
    statsMatcher: { inclusionList: { patterns } },
    histogramBucketSettings: nonEmpty(histogramBuckets(annotations)),
  });
}

/** How often statistics are sent, and how often those that nobody used are dropped. */
export function statsIntervals(
  annotations: StatsInput['annotations'],
): Pick<Bootstrap, 'statsFlushInterval' | 'statsEvictionInterval'> {
  const written = (name: string): bigint | undefined => parseDuration(annotations[`${ANNOTATION}${name}`] ?? '');
  const flush = written('statsFlushInterval');
  const eviction = written('statsEvictionInterval');
  const fits = eviction !== undefined && eviction % (flush ?? 5_000_000_000n) === 0n;
  return compact({
    statsFlushInterval: flush === undefined ? undefined : formatDuration(flush),
    // Istio writes whole seconds.
    statsEvictionInterval: fits ? `${eviction / 1_000_000_000n}s` : undefined,
  });
}

function extraTags(config: ProxyConfig, annotations: StatsInput['annotations']): (readonly [name: string, regex: string])[] {
  const written = (annotations[`${ANNOTATION}extraStatTags`] ?? '').split(',');
  const names = new Set([...(config.extraStatTags ?? []), ...written].filter((name) => name !== ''));
  return [...names].map((name) => [name, `(${name}=\\.=(.*?);\\.;)`]);
}

function histogramBuckets(annotations: StatsInput['annotations']): NonNullable<StatsConfig['histogramBucketSettings']> {
  const written = annotations[`${ANNOTATION}statsHistogramBuckets`];
  if (written === undefined) return [];
  try {
    const buckets = JSON.parse(written) as Readonly<Record<string, readonly number[]>>;
    return Object.keys(buckets)
      .sort()
      .map((prefix) => ({ match: { prefix }, buckets: own(buckets, prefix) ?? [] }));
  } catch {
    // The agent logs a text that it cannot read, and goes on without it.
    return [];
  }
}
