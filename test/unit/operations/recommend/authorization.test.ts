import { describe, expect, test } from 'vitest';
import type { AuthorizationReport } from '../../../../src/operations/recommend/authorization/advice.ts';
import { application, metered, namespace, policiesFor } from '../../../support/recommend.ts';

const SUFFIX = 'svc.cluster.local';
const shop = namespace('shop') + application('web', 'shop') + application('cart', 'shop') + application('mail', 'shop');
const stock = namespace('stock') + application('shelf', 'stock');
const webCallsCart = metered(['shop/web', 'shop/cart']);
const strict = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
`;
const edge = `${namespace('edge')}${application('edge', 'edge', { annotations: 'inject.istio.io/templates: gateway' })}apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec: {selector: {app: edge}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
`;

const principalOf = (id: string): string => `cluster.local/ns/${id.replace('/', '/sa/')}`;
const from = (...ids: readonly string[]) => [{ source: { principals: ids.map(principalOf) } }];
const to = (...operations: readonly object[]) => operations.map((operation) => ({ operation }));

function rulesOf({ advice }: AuthorizationReport): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    advice.map(({ manifest }) => [
      `${manifest.metadata.namespace}/${manifest.metadata.name}`,
      'rules' in manifest.spec ? manifest.spec.rules : undefined,
    ]),
  );
}

function reasonsOf({ skipped }: AuthorizationReport): Readonly<Record<string, unknown>> {
  return Object.fromEntries(skipped.map(({ subject, reason }) => [subject, reason.kind]));
}

/** A line of web's access log. */
const logged = (method: string, path: string, host = 'cart', port = 80): string =>
  JSON.stringify({
    method,
    path,
    authority: host,
    upstream_cluster: `outbound|${port}||${host}.shop.${SUFFIX}`,
    downstream_local_address: `10.9.9.9:${port}`,
    downstream_remote_address: '10.1.1.1:1',
    kubernetes: { pod_name: 'web-0', namespace_name: 'shop' },
  });

describe('a policy', () => {
  test('lets in who is observed, at the port where it is served, and nobody else', () => {
    const report = policiesFor(shop, { observed: webCallsCart });
    expect(report.advice).toMatchObject([
      {
        manifest: {
          kind: 'AuthorizationPolicy',
          metadata: { name: 'cart-callers', namespace: 'shop' },
          spec: {
            action: 'ALLOW',
            selector: { matchLabels: { app: 'cart' } },
            rules: [{ from: from('shop/web'), to: to({ ports: ['8080'] }) }],
          },
        },
        refused: { caller: 'shop/mail', before: 200, after: 403, isRefused: true },
      },
    ]);
    expect(reasonsOf(report)).toEqual({ 'shop/mail': 'nothing declared', 'shop/web': 'nothing declared' });
    expect(report.proof).toMatchObject({ calls: 1, whole: 1, assumptions: [] });
  });

  test('is proven with a count of the calls that rest on what is not simulated', () => {
    const lua = (workload: string): string => `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: lua, namespace: shop}
spec:
  workloadSelector: {labels: {app: ${workload}}}
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: INSERT_BEFORE
      value:
        name: lua
        typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, inlineCode: "function envoy_on_request() end"}
---
`;
    const calls = metered(['shop/web', 'shop/cart'], ['shop/web', 'shop/mail']);
    const proofWith = (further: string) => policiesFor(shop + further, { observed: calls }).proof;
    expect(proofWith(lua('cart'))).toMatchObject({
      calls: 2,
      whole: 2,
      assuming: 1,
      assumptions: [expect.stringMatching(/lua/i)],
    });
    expect(proofWith(lua('web'))).toMatchObject({ calls: 2, whole: 2, assuming: 0, assumptions: [] });
    // Those that are followed request by request rest on it, too.
    expect(policiesFor(shop + lua('cart'), { observed: logged('GET', '/items') }).proof).toMatchObject({
      ...{ calls: 1, whole: 0, assuming: 1, assumptions: [expect.stringMatching(/lua/i)] },
    });
  });

  test('tells methods and paths where all of a caller are known, as exactly as is asked for', () => {
    const observed = [logged('GET', '/items?page=1'), logged('POST', '/items'), logged('GET', '/health')].join('\n');
    const withDetail = (detail: 'ports' | 'methods' | 'paths') =>
      rulesOf(policiesFor(shop, { observed, detail }))['shop/cart-callers'];
    expect(withDetail('paths')).toEqual([
      {
        from: from('shop/web'),
        to: to(
          { ports: ['8080'], methods: ['GET'], paths: ['/health', '/items'] },
          { ports: ['8080'], methods: ['POST'], paths: ['/items'] },
        ),
      },
    ]);
    expect(withDetail('methods')).toEqual([{ from: from('shop/web'), to: to({ ports: ['8080'], methods: ['GET', 'POST'] }) }]);
    expect(withDetail('ports')).toEqual([{ from: from('shop/web'), to: to({ ports: ['8080'] }) }]);
    // What only counters know may be anything.
    expect(rulesOf(policiesFor(shop, { observed: `${metered(['shop/web', 'shop/cart'])}\n` }))['shop/cart-callers']).toEqual([
      { from: from('shop/web'), to: to({ ports: ['8080'] }) },
    ]);
  });

  test('takes many paths of one folder for the folder', () => {
    const observed = Array.from({ length: 11 }, (_, index) => logged('GET', `/items/${index}`)).join('\n');
    expect(rulesOf(policiesFor(shop, { observed }))['shop/cart-callers']).toEqual([
      { from: from('shop/web'), to: to({ ports: ['8080'], methods: ['GET'], paths: ['/items/*'] }) },
    ]);
  });

  test('lets in the identity of a gateway, with the paths that its routes lead there, as they arrive', () => {
    const routes = (rules: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec: {hosts: [shop.example.com], gateways: [edge/edge], http: [${rules}]}
---
`;
    const route = 'route: [{destination: {host: cart}}]';
    const toCart = (rules: string) => rulesOf(policiesFor(shop + edge + routes(rules), {}))['shop/cart-callers'];
    expect(toCart(`{match: [{uri: {prefix: /cart}, method: {exact: GET}}], ${route}}`)).toEqual([
      { from: from('edge/edge'), to: to({ ports: ['8080'], methods: ['GET'], paths: ['/cart*'] }) },
    ]);
    expect(
      toCart(`{match: [{uri: {exact: /a}}], ${route}}, {match: [{uri: {prefix: /old/}}], rewrite: {uri: /new/}, ${route}}`),
    ).toEqual([{ from: from('edge/edge'), to: to({ ports: ['8080'], paths: ['/a', '/new/*'] }) }]);
    for (const any of [
      `{match: [{uri: {regex: "/x.*"}}], ${route}}`,
      `{${route}}`,
      `{match: [{uri: {prefix: /Cart}, ignoreUriCase: true}], ${route}}`,
    ]) {
      expect(toCart(any)).toEqual([{ from: from('edge/edge'), to: to({ ports: ['8080'] }) }]);
    }
  });

  test('knows no methods where bytes are served', () => {
    const bytes =
      namespace('shop') + application('web', 'shop') + application('db', 'shop', { protocol: 'tcp', port: 9000, target: 9000 });
    const report = policiesFor(bytes, { observed: metered(['shop/web', 'shop/db']).replaceAll('"http"', '"tcp"') });
    expect(rulesOf(report)).toEqual({ 'shop/db-callers': [{ from: from('shop/web'), to: to({ ports: ['9000'] }) }] });
  });

  test('is one for workloads of one application that let in the same', () => {
    const versions =
      namespace('shop') +
      application('web', 'shop') +
      application('cart', 'shop', { version: 'v1' }) +
      application('cart', 'shop', { version: 'v2' }).replace(/^[\s\S]*?---\n/, '');
    const report = policiesFor(versions, { observed: webCallsCart });
    expect(report.advice.map(({ manifest, guarded }) => ({ ...manifest.metadata, guarded }))).toEqual([
      {
        name: 'cart-callers',
        namespace: 'shop',
        guarded: { kind: 'workload', workloads: ['shop/cart-v1', 'shop/cart-v2'], by: 'sidecar' },
      },
    ]);
  });

  test('lets in proxies that ask an authorizer, and those that send copies', () => {
    const more = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: desk, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: desk}, rules: [{}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{route: [{destination: {host: cart}}], mirror: {host: mail}}]}
---
`;
    const meshConfig = {
      extensionProviders: [{ name: 'desk', envoyExtAuthzHttp: { service: `shelf.stock.${SUFFIX}`, port: 80 } }],
    };
    expect(rulesOf(policiesFor(shop + stock + more, { observed: webCallsCart, meshConfig }))).toMatchObject({
      'shop/cart-callers': [{ from: from('shop/web') }],
      'shop/mail-callers': [{ from: from('shop/web') }],
      'stock/shelf-callers': [{ from: from('shop/cart') }],
    });
  });

  test('says where plain text is listened to; with STRICT there is nothing to say', () => {
    const takesPlainText = (manifests: string) =>
      policiesFor(manifests, { observed: webCallsCart }).advice.map((one) => one.takesPlainText);
    expect(takesPlainText(shop)).toEqual([true]);
    expect(takesPlainText(shop + strict)).toEqual([false]);
  });

  test('lets in the kubelet where its probes are not rewritten, and only there', () => {
    const probe = ', livenessProbe: {httpGet: {path: "/healthz?full=1", port: 8080}}';
    const cart = (annotations: string): string =>
      namespace('shop') + application('web', 'shop') + application('cart', 'shop', { probe, annotations });
    expect(
      rulesOf(policiesFor(cart('sidecar.istio.io/rewriteAppHTTPProbers: "false"'), { observed: webCallsCart }))[
        'shop/cart-callers'
      ],
    ).toEqual([
      { from: from('shop/web'), to: to({ ports: ['8080'] }) },
      { to: to({ ports: ['8080'], methods: ['GET'], paths: ['/healthz'] }) },
    ]);
    expect(rulesOf(policiesFor(cart(''), { observed: webCallsCart }))['shop/cart-callers']).toHaveLength(1);
  });

  test('lets in nobody where the calls are all that there are and none is for the workload', () => {
    const report = policiesFor(shop, { observed: webCallsCart, isComplete: true, names: ['mail.shop'] });
    expect(report.advice).toMatchObject([
      { manifest: { metadata: { name: 'mail-callers' } }, refused: { before: 200, after: 403 } },
    ]);
    expect(report.advice[0]?.manifest.spec).toEqual({ action: 'ALLOW', selector: { matchLabels: { app: 'mail' } } });
  });
});

describe('no policy', () => {
  const policy = (spec: string, name = 'own'): string => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, ${spec}}
---
`;

  test('is added to those that allow already, and what they let in beside is shown', () => {
    const report = policiesFor(shop + policy('rules: [{}]'), { observed: webCallsCart });
    expect(report.advice).toEqual([]);
    expect(report.skipped.find(({ subject }) => subject === 'shop/cart')?.reason).toMatchObject({
      kind: 'has policies',
      policies: ['shop/own'],
      letsIn: { caller: 'shop/mail', before: 200 },
    });
  });

  test('lets in what is refused today; one that denies others changes nothing', () => {
    const denied = (who: string): string =>
      policy(`action: DENY, rules: [{from: [{source: {principals: ["${principalOf(who)}"]}}]}]`);
    expect(reasonsOf(policiesFor(shop + denied('shop/web'), { observed: webCallsCart }))).toMatchObject({
      'shop/cart': 'nothing declared',
    });
    expect(rulesOf(policiesFor(shop + denied('shop/mail'), { observed: webCallsCart }))).toMatchObject({
      'shop/cart-callers': [{ from: from('shop/web') }],
    });
  });

  test('is for workloads that are called in plain text: nothing tells who calls', () => {
    const old = namespace('plain', 'team: a') + application('old', 'plain');
    const report = policiesFor(shop + old, { observed: metered(['shop/web', 'shop/cart'], ['plain/old', 'shop/cart']) });
    expect(report.skipped.find(({ subject }) => subject === 'shop/cart')?.reason).toEqual({
      kind: 'plain text callers',
      callers: ['plain/old'],
    });
  });

  test('is for gateways and for pods without a proxy', () => {
    const old = namespace('plain', 'team: a') + application('old', 'plain');
    expect(reasonsOf(policiesFor(edge + old, {}))).toEqual({ 'edge/edge': 'gateway', 'plain/old': 'no proxy' });
  });
});

describe('a policy for a namespace', () => {
  test('lets in who calls any of its workloads; there is none where somebody would be cut off', () => {
    const observed = metered(['stock/shelf', 'shop/web'], ['shop/web', 'shop/cart'], ['shop/cart', 'shop/mail']);
    expect(policiesFor(shop + stock, { observed, per: 'namespace', names: ['web.shop'] }).advice).toMatchObject([
      {
        manifest: {
          metadata: { name: 'callers', namespace: 'shop' },
          spec: { action: 'ALLOW', rules: [{ from: from('shop/cart', 'shop/web', 'stock/shelf') }] },
        },
      },
    ]);
    const denial = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers, namespace: shop}
spec: {action: DENY, rules: [{to: [{operation: {methods: [TRACE]}}]}]}
---
`;
    const beside = policiesFor(shop + stock + denial, { observed, per: 'namespace', names: ['web.shop'] });
    expect(beside.advice.map(({ manifest }) => manifest.metadata.name)).toEqual(['callers-2']);
    expect(reasonsOf(policiesFor(shop + stock, { observed: webCallsCart, per: 'namespace' }))).toMatchObject({
      shop: 'some undeclared',
      stock: 'some undeclared',
    });
    const gateway = application('edge', 'shop', { annotations: 'inject.istio.io/templates: gateway' });
    expect(reasonsOf(policiesFor(shop + gateway, { observed, per: 'namespace' }))).toMatchObject({
      shop: 'gateway in namespace',
    });
  });
});

describe('in ambient mode', () => {
  const calm =
    namespace('calm', 'istio.io/dataplane-mode: ambient') +
    application('web', 'calm') +
    application('cart', 'calm') +
    application('mail', 'calm');
  const log = logged('GET', '/items').replaceAll('.shop.', '.calm.').replace('"shop"', '"calm"');

  test('ztunnel knows who calls and which port, and no requests', () => {
    const report = policiesFor(calm, { observed: log, ambient: true });
    expect(report.advice).toMatchObject([
      {
        guarded: { kind: 'workload', by: 'ztunnel' },
        manifest: {
          metadata: { name: 'cart-callers', namespace: 'calm' },
          spec: { selector: { matchLabels: { app: 'cart' } }, rules: [{ from: from('calm/web'), to: to({ ports: ['8080'] }) }] },
        },
        refused: { caller: 'calm/mail', before: 200, after: 0, isRefused: true },
      },
    ]);
  });

  test('the waypoint knows requests, by targetRefs of the service, and ztunnel behind it lets in the waypoint', () => {
    const waypoint = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: calm}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: v1
kind: Service
metadata: {name: waypoint, namespace: calm, labels: {gateway.networking.k8s.io/gateway-name: waypoint}}
spec: {selector: {gateway.networking.k8s.io/gateway-name: waypoint}, ports: [{name: mesh, port: 15008, appProtocol: hbone}]}
---
apiVersion: v1
kind: Pod
metadata: {name: waypoint-0, namespace: calm, labels: {sidecar.istio.io/inject: "false", istio.io/dataplane-mode: none, gateway.networking.k8s.io/gateway-name: waypoint, gateway.istio.io/managed: istio.io-mesh-controller}}
spec: {serviceAccountName: waypoint, containers: [{name: istio-proxy, image: auto, args: [proxy, waypoint]}]}
---
`;
    const behind = calm.replace('dataplane-mode: ambient', 'dataplane-mode: ambient, istio.io/use-waypoint: waypoint');
    const report = policiesFor(behind + waypoint, { observed: log, ambient: true });
    expect(report.advice.map(({ manifest: { metadata, spec } }) => ({ ...metadata, ...spec }))).toEqual([
      {
        name: 'cart-callers',
        namespace: 'calm',
        action: 'ALLOW',
        selector: { matchLabels: { app: 'cart' } },
        rules: [{ from: from('calm/waypoint'), to: to({ ports: ['8080'] }) }],
      },
      {
        name: 'cart-service-callers',
        namespace: 'calm',
        action: 'ALLOW',
        targetRefs: [{ group: '', kind: 'Service', name: 'cart' }],
        rules: [{ from: from('calm/web'), to: to({ ports: ['80'], methods: ['GET'], paths: ['/items'] }) }],
      },
    ]);
    expect(report.advice.map(({ refused }) => refused?.isRefused)).toEqual([true, true]);
  });
});
