import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../support/diff.ts';
import { shopOf } from '../../support/diff-shop.ts';

const shop = shopOf(['web', 'api']);
const patched = (name: string, ...patches: readonly string[]): string => `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: ${name}, namespace: shop}
spec: {configPatches: [${patches.join(', ')}]}
`;
const HCM = 'envoy.filters.network.http_connection_manager';
const TYPES = 'type.googleapis.com/envoy.extensions.filters.http';
const filter = (name: string, type: string, config: string): string =>
  `{applyTo: HTTP_FILTER, match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: ${HCM}}}}}, patch: {operation: INSERT_BEFORE, value: {name: ${name}, typed_config: {"@type": ${TYPES}.${type}, ${config}}}}}`;
const onHost = (applyTo: string, value: string, host = 'web'): string =>
  `{applyTo: ${applyTo}, match: {context: SIDECAR_OUTBOUND, routeConfiguration: {vhost: {name: "${host}.shop.svc.cluster.local:80"}}}, patch: {operation: MERGE, value: {${value}}}}`;
const having = (text: string): Files => ({ ...shop, 'filters.yaml': text });

const LIMITS = filter(
  'limits',
  'ratelimit.v3.RateLimit',
  'domain: shop, rate_limit_service: {grpc_service: {envoy_grpc: {cluster_name: "outbound|80||api.shop.svc.cluster.local"}}}',
);
const LOCAL = filter('local', 'local_ratelimit.v3.LocalRateLimit', 'stat_prefix: x');
const counted = (key: string): string => `rate_limits: [{actions: [{generic_key: {descriptor_value: ${key}}}]}]`;
const filled = (tokens: number): string =>
  `typed_per_filter_config: {local: {"@type": ${TYPES}.local_ratelimit.v3.LocalRateLimit, stat_prefix: x, token_bucket: {max_tokens: ${tokens}, fill_interval: 1s}}}`;

/** Whether all is proven, and what is not known. */
async function between(before: readonly string[], after: readonly string[]) {
  const { exitCode, report } = await diffOf(having(patched('x', ...before)), having(patched('x', ...after)), ['--equal']);
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly { readonly what?: readonly string[] }[] } };
  return { exitCode, unknown: [...new Set(proof?.doubts.flatMap(({ what = [] }) => what))] };
}

describe('of filters that are not simulated', () => {
  test.each([
    ['what a host counts for a rate limit', LIMITS, onHost('VIRTUAL_HOST', counted('a')), onHost('VIRTUAL_HOST', counted('b'))],
    [
      'what a route counts for a rate limit',
      LIMITS,
      onHost('HTTP_ROUTE', `route: {${counted('a')}}`),
      onHost('HTTP_ROUTE', `route: {${counted('b')}}`),
    ],
    ['what a route says of the filter', LOCAL, onHost('HTTP_ROUTE', filled(1)), onHost('HTTP_ROUTE', filled(2))],
    ['what a host says of the filter', LOCAL, onHost('VIRTUAL_HOST', filled(1)), onHost('VIRTUAL_HOST', filled(2))],
  ])('it is not proven to make no difference: %s', async (_, of, before, after) => {
    const { exitCode, unknown } = await between([of, before], [of, after]);
    expect(unknown).toEqual([expect.stringMatching(/^(?:limits|local) \(rate limits\)$/)]);
    expect(exitCode).toBe(1);
    expect((await between([of, before], [of])).exitCode).toBe(1);
  });

  test('it is proven where what routes count is for a filter that is not there', async () => {
    const [one, two] = [onHost('VIRTUAL_HOST', counted('a')), onHost('VIRTUAL_HOST', counted('b'))];
    expect((await between([one], [two])).exitCode).toBe(0);
    expect(
      (await between([LOCAL, onHost('HTTP_ROUTE', filled(1), 'api')], [LOCAL, onHost('HTTP_ROUTE', filled(1), 'api')])).exitCode,
    ).toBe(0);
  });
});

test('how large bodies may be is not proven to make no difference, and told nowhere where it is the same', async () => {
  const buffer = (bytes: number): string => filter('buffer', 'buffer.v3.Buffer', `max_request_bytes: ${bytes}`);
  expect(await between([buffer(1)], [buffer(2)])).toEqual({ exitCode: 1, unknown: ['buffer'] });
  const [one, two] = ['a', 'b'].map((key) => onHost('VIRTUAL_HOST', counted(key)));
  expect(await between([buffer(1), one ?? ''], [buffer(1), two ?? ''])).toEqual({ exitCode: 0, unknown: [] });
});

test('other settings of HTTP connections are not proven to make no difference, and told nowhere where they are the same', async () => {
  const set = (settings: string): string =>
    `{applyTo: NETWORK_FILTER, match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: ${HCM}}}}}, patch: {operation: MERGE, value: {typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, ${settings}}}}}`;
  for (const [one, two] of [
    ['request_timeout: 30s', 'request_timeout: 60s'],
    [
      'common_http_protocol_options: {idle_timeout: 9s}',
      'common_http_protocol_options: {headers_with_underscores_action: REJECT_REQUEST}',
    ],
  ] as const)
    expect(await between([set(one)], [set(two)])).toEqual({ exitCode: 1, unknown: ['settings of HTTP connections'] });
  const [before, after] = ['a', 'b'].map((prefix) => set(`request_timeout: 30s, stat_prefix: ${prefix}`));
  expect(await between([before ?? ''], [after ?? ''])).toEqual({ exitCode: 0, unknown: [] });
});

test('when TCP proxies end connections counts where servers fail or are overloaded, and the name of their statistics nowhere', async () => {
  const set = (settings: string): string =>
    `{applyTo: NETWORK_FILTER, match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.tcp_proxy}}}}, patch: {operation: MERGE, value: {typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, ${settings}}}}}`;
  const shopOfTcp = Object.fromEntries(
    Object.entries(shop).map(([file, text]) => [file, text.replaceAll('name: http,', 'name: tcp,')]),
  );
  const compared = (one: string, other: string) =>
    diffOf({ ...shopOfTcp, 'x.yaml': patched('x', set(one)) }, { ...shopOfTcp, 'x.yaml': patched('x', set(other)) }, ['--equal']);
  for (const field of ['idle_timeout: 30s', 'max_connect_attempts: 3', 'max_downstream_connection_duration: 60s'])
    expect((await compared('stat_prefix: a', field)).exitCode, field).toBe(1);
  expect((await compared('stat_prefix: a', 'stat_prefix: b')).exitCode).toBe(0);
});

describe('of filters that are not simulated, where they stand', () => {
  const script = (before: string): string =>
    `{applyTo: HTTP_FILTER, match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: ${HCM}, subFilter: {name: ${before}}}}}}, patch: {operation: INSERT_BEFORE, value: {name: script, typed_config: {"@type": ${TYPES}.lua.v3.Lua, inline_code: "function envoy_on_request(h) end"}}}}`;
  const [RBAC, ROUTER] = ['envoy.filters.http.rbac', 'envoy.filters.http.router'];
  const allow = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: gets, namespace: shop}
spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}
`;

  test('counts against those that both sides have', async () => {
    const compared = await diffOf(
      having(patched('x', script(RBAC ?? '')) + allow),
      having(patched('x', script(ROUTER ?? '')) + allow),
      ['--equal'],
    );
    expect(compared.exitCode).toBe(1);
    expect(JSON.stringify(compared.report)).toContain('the order of HTTP filters');
  });

  test('counts not against those that come with another change', async () => {
    const all = allow.replace('[{to: [{operation: {methods: [GET]}}]}]', '[{}]');
    const { exitCode } = await diffOf(
      having(patched('x', script(ROUTER ?? ''))),
      having(patched('x', script(ROUTER ?? '')) + all),
      ['--equal'],
    );
    expect(exitCode).toBe(0);
  });
});

test('of a header that names the cluster, names that no cluster has are alike', async () => {
  const chosen = onHost('HTTP_ROUTE', 'route: {cluster_header: x-to}');
  const routed = (timeout: string, host = 'web'): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{timeout: ${timeout}, route: [{destination: {host: ${host}}}]}]}
`;
  const compared = (after: string) =>
    diffOf(having(patched('x', chosen) + routed('1s')), having(patched('x', chosen) + after), ['--equal']);
  const { exitCode, report } = await compared(routed('2s'));
  expect(exitCode).toBe(1);
  expect(JSON.stringify(report.requests)).toContain('outbound|80||api.shop.svc.cluster.local');
  expect(report.requests).toMatchObject({ proof: { doubts: [] } });
  // Where the route leads says the header alone.
  expect((await compared(routed('1s', 'api'))).exitCode).toBe(0);
});
