import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../support/diff.ts';
import { shopOf } from '../../support/diff-shop.ts';

const shop = shopOf(['api', 'web']);
const subset = (more: string): string => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: shop}
spec: {host: api, subsets: [{name: some, labels: {app: api}${more}}]}
`;
const routed = (http: string): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.shop.svc.cluster.local], http: [${http}]}
`;
const patched = (patch: string): string => `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: patched, namespace: shop}
spec: {configPatches: [${patch}]}
`;
const passingOn = `---
apiVersion: v1
kind: Pod
metadata: {name: east, namespace: shop, labels: {istio: east}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto, env: [{name: ISTIO_META_ROUTER_MODE, value: sni-dnat}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: east, namespace: shop}
spec: {selector: {istio: east}, ports: [{name: tls, port: 15443}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: east, namespace: shop}
spec:
  selector: {istio: east}
  servers: [{port: {number: 15443, name: tls, protocol: TLS}, tls: {mode: AUTO_PASSTHROUGH}, hosts: ["*.local"]}]
`;
const having = (...parts: readonly string[]): Files => ({ ...shop, 'parts.yaml': parts.join('') });
const edited = async (change: string, ...parts: readonly string[]) =>
  diffOf(having(subset(''), ...parts), having(subset(change), ...parts), ['--equal']);

const plain = ', trafficPolicy: {tls: {mode: DISABLE}}';
const balanced = ', trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}';

describe('a subset that nothing leads to', () => {
  test('changes no request, proven', async () => {
    for (const change of [plain, balanced]) expect((await edited(change)).exitCode).toBe(0);
    expect((await diffOf(having(), having(subset('')), ['--equal'])).exitCode).toBe(0);
  });

  test('changes none beside routes to the other pods', async () => {
    expect((await edited(plain, routed('{route: [{destination: {host: api}}]}'))).exitCode).toBe(0);
  });
});

describe('a subset that changes is told', () => {
  const reached: Readonly<Record<string, string>> = {
    'by a route': routed('{route: [{destination: {host: api, subset: some}}]}'),
    'by copies of requests': routed('{route: [{destination: {host: web}}], mirror: {host: api, subset: some}}'),
    'by a header that names it': patched(
      '{applyTo: HTTP_ROUTE, match: {context: SIDECAR_OUTBOUND}, patch: {operation: INSERT_FIRST, value: {match: {prefix: /x}, route: {cluster_header: x-to}}}}',
    ),
    'by a script': patched(
      '{applyTo: HTTP_FILTER, match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}, patch: {operation: INSERT_BEFORE, value: {name: lua, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: {inline_string: "h:httpCall(c)"}}}}}',
    ),
    'by a header, of what a user calls otherwise': patched(
      '{applyTo: NETWORK_FILTER, match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}, patch: {operation: REPLACE, value: {name: http, typed_config: {"@type": type.googleapis.com/udpa.type.v1.TypedStruct, type_url: type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, value: {stat_prefix: x, route_config: {virtual_hosts: [{name: x, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster_header: x-to}}]}]}, http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}}}}',
    ),
    'by routes of another server': patched(
      '{applyTo: NETWORK_FILTER, match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}, patch: {operation: MERGE, value: {typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, rds: {config_source: {path_config_source: {path: /etc/routes}}}}}}}',
    ),
    'by what proxies start with': patched(
      '{applyTo: BOOTSTRAP, patch: {operation: MERGE, value: {static_resources: {listeners: [{name: more}]}}}}',
    ),
  };
  for (const [how, part] of Object.entries(reached)) {
    test(`where it is reached ${how}`, async () => {
      expect((await edited(', trafficPolicy: {tls: {mode: SIMPLE}}', part)).exitCode).toBe(1);
    });
  }

  test('where sidecars of other clusters may ask a gateway for it', async () => {
    const { exitCode, report } = await edited(', trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}', passingOn);
    expect(exitCode).toBe(1);
    expect(JSON.stringify(report.requests)).toContain('what sidecars of other clusters ask for');
  });

  test('where the Service is led elsewhere with it', async () => {
    const hidden = (port: number): string => `---
apiVersion: v1
kind: Service
metadata: {name: more, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 81, targetPort: ${port}}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["./*"]}]}
`;
    expect((await diffOf(having(hidden(8080)), having(hidden(8081)), ['--equal'])).exitCode).toBe(1);
  });

  test('but where none of what such a gateway passes on changes, nothing is doubted', async () => {
    const guard = (rule: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: guard, namespace: shop}
spec: {selector: {matchLabels: {app: api}}, action: DENY, rules: [${rule}]}
`;
    const [one, two] = ['{to: [{operation: {paths: [/a, /b]}}]}', '{to: [{operation: {paths: [/b, /a]}}]}'].map(guard);
    const { exitCode } = await diffOf(having(passingOn, one ?? ''), having(passingOn, two ?? ''), ['--equal']);
    expect(exitCode).toBe(0);
  });
});
