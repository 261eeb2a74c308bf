import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../support/diff.ts';
import { shopOf } from '../../support/diff-shop.ts';

const normalizing = (mode: string): Files => ({ 'mesh.yaml': `pathNormalization: {normalization: ${mode}}\n` });
const guard = (rules: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: guard, namespace: shop}
spec: {selector: {matchLabels: {app: api}}, ${rules}}
`;
/** Nothing gets past the client's own proxy. */
const strict = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;
const routed = (route: string): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.shop.svc.cluster.local]
  http: [{${route}, route: [{destination: {host: api}}]}, {directResponse: {status: 404}}]
`;
const mergingAtServers = `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: merging, namespace: shop}
spec:
  workloadSelector: {labels: {app: api}}
  configPatches:
    - applyTo: NETWORK_FILTER
      match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
      patch:
        operation: MERGE
        value:
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
            merge_slashes: true
`;
const shop = shopOf(['api', 'client']);
const having = (...parts: readonly string[]): Files => ({ ...shop, 'parts.yaml': parts.join('') });
const equal = (before: Files, after: Files, mode: string) =>
  diffOf(before, after, ['--equal', '--mesh-config', 'mesh.yaml'], normalizing(mode));

describe('paths that proxies make another of', () => {
  const inNamespace = 'from: [{source: {namespaces: [shop]}}]';
  const open = having(guard(`rules: [{${inNamespace}}]`));

  test('end as before, proven, where a rule that another covers reads the path', async () => {
    const covered = having(guard(`rules: [{${inNamespace}}, {${inNamespace}, to: [{operation: {paths: [/a]}}]}]`));
    expect((await equal(open, covered, 'BASE')).exitCode).toBe(0);
    expect((await equal(covered, open, 'MERGE_SLASHES')).exitCode).toBe(0);
  });

  test('end otherwise where that rule lets in more', async () => {
    const wider = having(guard(`rules: [{${inNamespace}}, {to: [{operation: {paths: [/a]}}]}]`));
    const { exitCode, requests } = await equal(open, wider, 'BASE');
    expect(exitCode).toBe(1);
    expect(requests.join('\n')).toContain('GET http://api.shop:8080/a: status 403 -> 200');
  });

  test('are not proven to end as before where servers make something else of them', async () => {
    const covered = guard(`rules: [{${inNamespace}}, {${inNamespace}, to: [{operation: {paths: [/a]}}]}]`);
    expect((await equal(open, having(covered, mergingAtServers), 'BASE')).exitCode).toBe(1);
  });

  const [one, more] = ['[/q]', '[/q, /b/c]'].map((paths) =>
    guard(`action: DENY, rules: [{to: [{operation: {paths: ${paths}}}]}]`),
  );

  test('are not proven to end as before where a route writes what servers make another of, and rules read only that', async () => {
    const rewriting = [strict, routed('match: [{uri: {prefix: /a/}}], rewrite: {uri: "//b/"}')];
    const before = having(...rewriting, one ?? '');
    expect((await equal(before, having(...rewriting, more ?? ''), 'MERGE_SLASHES')).exitCode).toBe(1);
    expect((await equal(before, having(...rewriting, more ?? ''), 'BASE')).exitCode).toBe(0);
  });

  test('are not proven to end as before where the client chooses by them, and servers by what they make of them', async () => {
    const raw = [strict, mergingAtServers, routed('match: [{uri: {prefix: /b//}}]')];
    const merged = [strict, routed('match: [{uri: {prefix: /bb}}]')];
    expect((await equal(having(...raw, one ?? ''), having(...raw, more ?? ''), 'NONE')).exitCode).toBe(1);
    expect((await equal(having(...merged, one ?? ''), having(...merged, more ?? ''), 'MERGE_SLASHES')).exitCode).toBe(0);
  });
});
