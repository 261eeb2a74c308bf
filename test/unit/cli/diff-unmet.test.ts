import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../support/diff.ts';
import { shopOf } from '../../support/diff-shop.ts';

const shop = shopOf(['web', 'api', 'tap']);
const rule = (host: string, spec: string): string => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${host}, namespace: shop}
spec: {host: ${host}, ${spec}}
`;
const patched = (patch: string, name = 'patched'): string => `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: ${name}, namespace: shop}
spec: {configPatches: [${patch}]}
`;
const HCM = 'envoy.filters.network.http_connection_manager';
const TYPES = 'type.googleapis.com/envoy.extensions';
const httpFilter = (name: string, type: string, config: string, context = 'SIDECAR_OUTBOUND'): string =>
  patched(
    `{applyTo: HTTP_FILTER, match: {context: ${context}, listener: {filterChain: {filter: {name: ${HCM}}}}}, patch: {operation: INSERT_BEFORE, value: {name: ${name}, typed_config: {"@type": ${TYPES}.filters.http.${type}, ${config}}}}}`,
  );
const manager = (config: string): string =>
  patched(
    `{applyTo: NETWORK_FILTER, match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: ${HCM}}}}}, patch: {operation: MERGE, value: {typed_config: {"@type": ${TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager, ${config}}}}}`,
  );

const SUBSET = '"outbound|80|some|tap.shop.svc.cluster.local"';
const WHOLE = '"outbound|80||tap.shop.svc.cluster.local"';
const grpc = (cluster: string): string => `grpc_service: {envoy_grpc: {cluster_name: ${cluster}}}`;
const uri = (cluster: string): string => `{uri: "http://tap", cluster: ${cluster}, timeout: 1s}`;
const authorizer = (cluster: string, context?: string): string =>
  httpFilter('asks', 'ext_authz.v3.ExtAuthz', `http_service: {server_uri: ${uri(cluster)}}`, context);

const subset = (policy: string): string => rule('tap', `subsets: [{name: some, labels: {app: tap}, trafficPolicy: {${policy}}}]`);
const balanced = (by: string): string => `loadBalancer: {simple: ${by}}`;
const PLAIN = 'tls: {mode: DISABLE}';
const having = (...parts: readonly string[]): Files => ({ ...shop, 'parts.yaml': parts.join('') });

/** What is said where another change is met, of requests to `web`, which end as before. */
async function besideOther(before: string, after: string, ...parts: readonly string[]) {
  const web = (by: string): string => rule('web', `trafficPolicy: {${balanced(by)}}`);
  const { exitCode, requests, report } = await diffOf(
    having(before, web('LEAST_REQUEST'), ...parts),
    having(after, web('ROUND_ROBIN'), ...parts),
    ['--equal'],
  );
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly object[] } };
  return { exitCode, requests, doubts: proof?.doubts };
}

describe('a cluster that changes beside another change, which no request goes to', () => {
  const ways: Readonly<Record<string, readonly [by: string, part: string]>> = {
    'an external authorizer of clients': ['asks', authorizer(SUBSET)],
    'an external authorizer of servers': ['asks', authorizer(SUBSET, 'SIDECAR_INBOUND')],
    'a rate limit': ['asks', httpFilter('asks', 'ratelimit.v3.RateLimit', `domain: x, rate_limit_service: {${grpc(SUBSET)}}`)],
    'keys of tokens that are fetched': [
      'asks',
      httpFilter(
        'asks',
        'jwt_authn.v3.JwtAuthentication',
        `providers: {x: {issuer: x, remote_jwks: {http_uri: ${uri(SUBSET)}}}}`,
      ),
    ],
    OAuth: ['asks', httpFilter('asks', 'oauth2.v3.OAuth2', `config: {token_endpoint: ${uri(SUBSET)}}`)],
    'a script': ['asks', httpFilter('asks', 'lua.v3.Lua', 'default_source_code: {inline_string: "h:httpCall(c)"}')],
    WebAssembly: ['asks', httpFilter('asks', 'wasm.v3.Wasm', 'config: {}')],
    'what is set for one route only': [
      'asks',
      patched(
        `{applyTo: HTTP_ROUTE, match: {context: SIDECAR_OUTBOUND}, patch: {operation: MERGE, value: {typed_per_filter_config: {asks: {"@type": ${TYPES}.filters.http.ext_authz.v3.ExtAuthzPerRoute, check_settings: {http_service: {server_uri: ${uri(SUBSET)}}}}}}}}`,
      ),
    ],
    'access logs': [
      'tracing and access logs',
      manager(
        `access_log: [{name: x, typed_config: {"@type": ${TYPES}.access_loggers.grpc.v3.HttpGrpcAccessLogConfig, common_config: {log_name: x, ${grpc(SUBSET)}}}}]`,
      ),
    ],
    tracing: [
      'tracing and access logs',
      manager(
        `tracing: {provider: {name: x, typed_config: {"@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, ${grpc(SUBSET)}}}}`,
      ),
    ],
    'a header that chooses it': [
      'clusterHeader',
      patched(
        '{applyTo: HTTP_ROUTE, match: {context: SIDECAR_OUTBOUND, routeConfiguration: {vhost: {name: "api.shop.svc.cluster.local:80"}}}, patch: {operation: INSERT_FIRST, value: {match: {prefix: /x}, route: {cluster_header: x-to}}}}',
      ),
    ],
    'what proxies start with': [
      'what proxies start with',
      patched('{applyTo: BOOTSTRAP, patch: {operation: MERGE, value: {static_resources: {listeners: [{name: more}]}}}}'),
    ],
  };
  for (const [how, [by, part]] of Object.entries(ways)) {
    test(`is not proven to make no difference where it may be asked by ${how}`, async () => {
      const { exitCode, doubts = [] } = await besideOther(subset(balanced('LEAST_REQUEST')), subset(PLAIN), part);
      expect(doubts[0]).toMatchObject({ to: 'outbound|80|some|tap.shop.svc.cluster.local', because: 'not met', by });
      expect(exitCode).toBe(1);
    });
  }

  test('is named where nothing else changes, too', async () => {
    const part = authorizer(SUBSET);
    const { exitCode, report } = await diffOf(having(subset(balanced('LEAST_REQUEST')), part), having(subset(PLAIN), part), [
      '--equal',
    ]);
    expect(report).toMatchObject({ requests: { proof: { doubts: [{ because: 'not met', by: 'asks' }, {}, {}] } } });
    expect(exitCode).toBe(1);
  });

  test('is not proven to make no difference where it comes or goes', async () => {
    const some = subset(balanced('LEAST_REQUEST'));
    for (const [before, after] of [['', some] as const, [some, ''] as const]) {
      const { exitCode, doubts = [] } = await besideOther(before, after, authorizer(SUBSET));
      expect(doubts[0]).toMatchObject({ because: 'not met', by: 'asks' });
      expect(exitCode).toBe(1);
    }
  });

  test('is asked for where servers lead requests to it', async () => {
    const inbound = patched(
      `{applyTo: HTTP_ROUTE, match: {context: SIDECAR_INBOUND}, patch: {operation: INSERT_FIRST, value: {match: {prefix: /x}, route: {cluster: ${SUBSET}}}}}`,
    ).replace('spec: {', 'spec: {workloadSelector: {labels: {app: web}}, ');
    const { exitCode, requests } = await besideOther(subset(balanced('LEAST_REQUEST')), subset(PLAIN), inbound);
    expect(requests.join('\n')).toContain('/x');
    expect(exitCode).toBe(1);
  });

  test('changes nothing, proven, where nothing leads to it', async () => {
    const silent = {
      nothing: '',
      'an authorizer that is elsewhere': authorizer('"outbound|80||api.shop.svc.cluster.local"'),
      'a script without calls': httpFilter('asks', 'lua.v3.Lua', 'default_source_code: {inline_string: "x"}'),
    };
    for (const part of Object.values(silent)) {
      const { exitCode, doubts } = await besideOther(subset(balanced('LEAST_REQUEST')), subset(PLAIN), part);
      expect([exitCode, doubts]).toEqual([0, []]);
    }
  });
});

describe('a Service that changes, and that a filter asks beside those who send requests to it,', () => {
  const whole = (policy: string): string => rule('tap', `trafficPolicy: {${policy}}`);

  test('changes nothing, proven, where all of these end as before', async () => {
    for (const context of ['SIDECAR_OUTBOUND', 'SIDECAR_INBOUND']) {
      const part = authorizer(WHOLE, context);
      const { exitCode, doubts } = await besideOther(whole(balanced('LEAST_REQUEST')), whole(balanced('ROUND_ROBIN')), part);
      expect([exitCode, doubts]).toEqual([0, []]);
    }
  });

  test('is doubted where some of these end otherwise, but where it only hears of requests', async () => {
    const [before, after] = [whole(balanced('LEAST_REQUEST')), whole(PLAIN)];
    const authorized = await besideOther(before, after, authorizer(WHOLE));
    expect(authorized.requests.join('\n')).toContain('tls mutual TLS -> plain');
    expect(authorized.doubts).toMatchObject([{ because: 'not met', by: 'asks' }, {}, {}]);
    const traced = await besideOther(
      before,
      after,
      manager(
        `tracing: {provider: {name: x, typed_config: {"@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, ${grpc(WHOLE)}}}}`,
      ),
    );
    expect(traced.requests.join('\n')).toContain('tls mutual TLS -> plain');
    expect(traced.doubts).toEqual([]);
  });
});
