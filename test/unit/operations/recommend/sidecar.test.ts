import { describe, expect, test } from 'vitest';
import type { SidecarReport } from '../../../../src/operations/recommend/sidecar/advice.ts';
import { sidecarAdvicePrinters } from '../../../../src/output/recommend/sidecar.ts';
import { application, metered, namespace, sidecarsFor } from '../../../support/recommend.ts';

const SUFFIX = 'svc.cluster.local';
const shop = namespace('shop') + application('web', 'shop') + application('cart', 'shop') + application('mail', 'shop');
const stock = namespace('stock') + application('shelf', 'stock');
const webCallsCart = metered(['shop/web', 'shop/cart']);

function hostsOf({ advice }: SidecarReport): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(advice.map(({ workloads, hosts }) => [workloads.join(' '), hosts.map(({ entry }) => entry)]));
}

function reasonsOf({ skipped }: SidecarReport): Readonly<Record<string, unknown>> {
  return Object.fromEntries(skipped.map(({ subject, reason }) => [subject, reason.kind]));
}

function specsOf({ advice }: SidecarReport): readonly object[] {
  return advice.map(({ manifest }) => ({ ...manifest.metadata, ...manifest.spec }));
}

describe('the hosts of a Sidecar', () => {
  test('are those that are called and nothing else, and every request there meets the same configuration', () => {
    const report = sidecarsFor(shop + stock, { observed: metered(['shop/web', 'shop/cart'], ['shop/web', 'stock/shelf']) });
    expect(hostsOf(report)).toEqual({ 'shop/web': [`./cart.shop.${SUFFIX}`, `stock/shelf.stock.${SUFFIX}`] });
    expect(report.proof).toMatchObject({ calls: 2, whole: 2 });
    const [saving] = report.advice[0]?.savings ?? [];
    expect(saving?.after.bytes).toBeLessThan(saving?.before.bytes ?? 0);
    expect(saving?.after.resources).toBeLessThan(saving?.before.resources ?? 0);
  });

  test('who calls nothing that is known gets none rather than be cut off; told that the calls are complete, it imports nothing', () => {
    expect(reasonsOf(sidecarsFor(shop, { observed: webCallsCart }))).toEqual({
      'shop/cart': 'nothing declared',
      'shop/mail': 'nothing declared',
    });
    const report = sidecarsFor(shop, { observed: webCallsCart, isComplete: true, names: ['mail.shop'] });
    expect(specsOf(report)).toEqual([
      { name: 'mail', namespace: 'shop', workloadSelector: { labels: { app: 'mail' } }, egress: [{ hosts: ['~/*'] }] },
    ]);
  });

  test('VirtualServices of another namespace are imported from there; what they lead to, subsets and copies come along', () => {
    const routes = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: routing}
spec:
  hosts: [cart.shop.${SUFFIX}]
  http: [{route: [{destination: {host: shelf.stock.${SUFFIX}, subset: one}}], mirror: {host: mail.shop.${SUFFIX}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shelf, namespace: stock}
spec: {host: shelf, subsets: [{name: one, labels: {app: shelf}}]}
---
`;
    const report = sidecarsFor(shop + stock + routes, { observed: webCallsCart });
    expect(hostsOf(report)).toEqual({ 'shop/web': [`./cart.shop.${SUFFIX}`, `routing/cart.shop.${SUFFIX}`] });
    expect(report.proof).toMatchObject({ calls: 1, whole: 1 });
  });

  test('where an answer sends the client is called too; a path on the same host is not', () => {
    const redirecting = (authority: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http: [{redirect: {${authority}uri: /moved}}]
---
`;
    const asked = { observed: webCallsCart };
    expect(hostsOf(sidecarsFor(shop + stock + redirecting('authority: shelf.stock, '), asked))).toEqual({
      'shop/web': [`./cart.shop.${SUFFIX}`, `stock/shelf.stock.${SUFFIX}`],
    });
    expect(hostsOf(sidecarsFor(shop + stock + redirecting(''), asked))).toEqual({ 'shop/web': [`./cart.shop.${SUFFIX}`] });
  });

  test('what filters of the proxy call by themselves is among them, and only where they do', () => {
    const providers = {
      extensionProviders: [
        { name: 'spans', zipkin: { service: `shelf.stock.${SUFFIX}`, port: 80 } },
        { name: 'desk', envoyExtAuthzHttp: { service: `mail.shop.${SUFFIX}`, port: 80 } },
      ],
    };
    const filters = `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: spans, namespace: shop}
spec: {tracing: [{providers: [{name: spans}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: desk, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, action: CUSTOM, provider: {name: desk}, rules: [{}]}
---
`;
    const asked = { observed: metered(['shop/web', 'shop/cart'], ['shop/cart', 'shop/web']), meshConfig: providers };
    expect(hostsOf(sidecarsFor(shop + stock + filters, asked))).toEqual({
      'shop/cart': [`./web.shop.${SUFFIX}`, `stock/shelf.stock.${SUFFIX}`],
      'shop/web': [`./cart.shop.${SUFFIX}`, `./mail.shop.${SUFFIX}`, `stock/shelf.stock.${SUFFIX}`],
    });
    expect(hostsOf(sidecarsFor(shop + stock, asked))).toEqual({
      'shop/cart': [`./web.shop.${SUFFIX}`],
      'shop/web': [`./cart.shop.${SUFFIX}`],
    });
  });

  test('hosts outside are imported as their ServiceEntry writes them, by name and by the name in TLS', () => {
    const outside = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: banks, namespace: stock}
spec: {hosts: ["*.bank.example"], location: MESH_EXTERNAL, resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]}
---
`;
    const log = `{"method":"GET","path":"/","authority":"one.bank.example","upstream_cluster":"outbound|80||*.bank.example","downstream_local_address":"192.0.2.7:80","downstream_remote_address":"10.1.1.1:1","kubernetes":{"pod_name":"web-0","namespace_name":"shop"}}`;
    expect(hostsOf(sidecarsFor(shop + stock + outside, { observed: log }))).toEqual({ 'shop/web': ['stock/*.bank.example'] });
    const routes = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: banks, namespace: stock}
spec: {hosts: ["*.bank.example"], tls: [{match: [{port: 80, sniHosts: ["*.bank.example"]}], route: [{destination: {host: shelf.stock.${SUFFIX}}}]}]}
---
`;
    const tls = outside.replace('name: http, protocol: HTTP', 'name: tls, protocol: TLS');
    const report = sidecarsFor(shop + stock + tls + routes, { observed: log });
    expect(hostsOf(report)).toEqual({ 'shop/web': ['stock/*.bank.example'] });
  });

  test('what the mesh does not know passes through as before, whatever the Sidecar imports; its policy is not written down', () => {
    const log = `{"method":"GET","path":"/","authority":"elsewhere.example","upstream_cluster":"PassthroughCluster","downstream_local_address":"192.0.2.7:80","downstream_remote_address":"10.1.1.1:1","kubernetes":{"pod_name":"web-0","namespace_name":"shop"}}`;
    for (const mode of ['ALLOW_ANY', 'REGISTRY_ONLY']) {
      const report = sidecarsFor(shop, { observed: log, meshConfig: { outboundTrafficPolicy: { mode } } });
      expect(specsOf(report)).toEqual([
        { name: 'web', namespace: 'shop', workloadSelector: { labels: { app: 'web' } }, egress: [{ hosts: ['~/*'] }] },
      ]);
    }
  });

  test('callers that policies and routes name are declared; those for everybody name nobody', () => {
    const policies = (source: string): string => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {${source}}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shelf, namespace: stock}
spec: {hosts: [shelf], http: [{match: [{sourceLabels: {app: mail}}], route: [{destination: {host: shelf}}]}, {route: [{destination: {host: shelf}}]}]}
---
`;
    expect(hostsOf(sidecarsFor(shop + stock + policies('principals: ["cluster.local/ns/shop/sa/web"]'), {}))).toEqual({
      'shop/mail': [`stock/shelf.stock.${SUFFIX}`],
      'shop/web': [`./cart.shop.${SUFFIX}`],
    });
    expect(hostsOf(sidecarsFor(shop + stock + policies('principals: ["*"]'), {}))).toEqual({
      'shop/mail': [`stock/shelf.stock.${SUFFIX}`],
    });
  });
});

describe('a Sidecar that is there already', () => {
  const sidecar = (spec: string, home = 'shop'): string => `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: own, namespace: ${home}}
spec: {${spec}}
---
`;

  test('for the workload alone is replaced, and keeps what it says beside hosts', () => {
    const spec =
      'workloadSelector: {labels: {app: web}}, outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["*/*"]}]';
    const report = sidecarsFor(shop + sidecar(spec), { observed: webCallsCart });
    expect(report.advice[0]?.replaces).toBe(true);
    expect(specsOf(report)).toEqual([
      {
        name: 'own',
        namespace: 'shop',
        workloadSelector: { labels: { app: 'web' } },
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
        egress: [{ hosts: [`./cart.shop.${SUFFIX}`] }],
      },
    ]);
  });

  test('for the namespace or the mesh gives what the one for a workload no longer inherits', () => {
    for (const home of ['shop', 'istio-system']) {
      const report = sidecarsFor(shop + sidecar('outboundTrafficPolicy: {mode: REGISTRY_ONLY}', home), {
        observed: webCallsCart,
      });
      expect(specsOf(report)).toMatchObject([{ name: 'web', outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } }]);
      expect(report.advice[0]?.replaces).toBe(false);
    }
  });

  test('does not import what a call goes past now, though routes to it are known', () => {
    const routes = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{match: [{uri: {prefix: /shelf}}], route: [{destination: {host: shelf.stock.${SUFFIX}}}]}, {route: [{destination: {host: cart}}]}]}
---
`;
    const own = sidecar('workloadSelector: {labels: {app: web}}, egress: [{hosts: ["./*"]}]');
    const observed = metered(['shop/web', 'shop/cart'], ['shop/web', 'stock/shelf']);
    expect(hostsOf(sidecarsFor(shop + stock + routes + own, { observed }))).toEqual({ 'shop/web': [`./cart.shop.${SUFFIX}`] });
  });

  test('is left as it is where it selects others too, has listeners of its own, or imports no more', () => {
    const asked = { observed: webCallsCart, names: ['web.shop'] };
    const labels = 'workloadSelector: {labels: {app: web}}';
    const both = shop
      .replaceAll('labels: {app: cart}', 'labels: {app: cart, tier: a}')
      .replaceAll('labels: {app: web}', 'labels: {app: web, tier: a}');
    expect(reasonsOf(sidecarsFor(both + sidecar('workloadSelector: {labels: {tier: a}}'), asked))).toEqual({
      'shop/web': 'selected together',
    });
    const listeners = `${labels}, egress: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["./*"]}, {hosts: ["*/*"]}]`;
    expect(reasonsOf(sidecarsFor(shop + sidecar(listeners), asked))).toEqual({ 'shop/web': 'egress listeners' });
    const least = `${labels}, egress: [{hosts: ["./cart.shop.${SUFFIX}"]}]`;
    expect(reasonsOf(sidecarsFor(shop + sidecar(least), asked))).toEqual({ 'shop/web': 'nothing to save' });
  });
});

describe('Sidecars for namespaces', () => {
  const all = metered(['shop/web', 'shop/cart'], ['shop/cart', 'stock/shelf'], ['shop/mail', 'shop/web']);

  test('import what any of the workloads calls', () => {
    const report = sidecarsFor(shop + stock, { observed: all, per: 'namespace' });
    expect(specsOf(report)).toEqual([
      {
        name: 'default',
        namespace: 'shop',
        egress: [{ hosts: [`./cart.shop.${SUFFIX}`, `./web.shop.${SUFFIX}`, `stock/shelf.stock.${SUFFIX}`] }],
      },
    ]);
    expect(reasonsOf(report)).toEqual({ stock: 'some undeclared' });
  });

  test('are none where a workload is not known to call anything, or in the root namespace', () => {
    expect(sidecarsFor(shop + stock, { observed: webCallsCart, per: 'namespace' }).skipped).toEqual([
      { subject: 'shop', reason: { kind: 'some undeclared', workloads: ['shop/cart', 'shop/mail'] } },
      { subject: 'stock', reason: { kind: 'some undeclared', workloads: ['stock/shelf'] } },
    ]);
    const root = namespace('istio-system') + application('tool', 'istio-system');
    expect(
      reasonsOf(sidecarsFor(shop + root, { observed: metered(['istio-system/tool', 'shop/web']), per: 'namespace' })),
    ).toMatchObject({
      'istio-system': 'root namespace',
    });
  });
});

describe('no Sidecar', () => {
  test('is for gateways, for pods without a sidecar and in ambient mode', () => {
    const gateway = application('edge', 'shop', { annotations: 'inject.istio.io/templates: gateway' });
    const plain = namespace('plain', 'team: a') + application('old', 'plain');
    const ambient = namespace('calm', 'istio.io/dataplane-mode: ambient') + application('quiet', 'calm');
    const report = sidecarsFor(shop + gateway + plain + ambient, { observed: webCallsCart, ambient: true });
    expect(report.skipped.filter(({ reason }) => reason.kind === 'no sidecar')).toEqual([
      { subject: 'calm/quiet', reason: { kind: 'no sidecar', is: 'ambient' } },
      { subject: 'plain/old', reason: { kind: 'no sidecar', is: 'without sidecar' } },
      { subject: 'shop/edge', reason: { kind: 'no sidecar', is: 'gateway' } },
    ]);
  });

  test('is for pods that no labels tell from others', () => {
    const twin = application('web', 'shop').replaceAll('name: web, namespace', 'name: twin, namespace');
    expect(reasonsOf(sidecarsFor(shop + twin, { observed: webCallsCart, names: ['web.shop'] }))).toEqual({
      'shop/web': 'no labels of its own',
    });
  });

  test('rests on calls of clients that nobody knows, which are told', () => {
    const report = sidecarsFor(shop, { observed: metered(['jobs/batch', 'shop/cart'], ['shop/web', 'shop/nowhere']) });
    expect(report.advice).toEqual([]);
    expect(report.unused.unknown).toEqual([
      { file: 'calls', what: 'client', names: ['jobs/batch'], count: 1 },
      { file: 'calls', what: 'host', names: [`nowhere.shop.${SUFFIX}`], count: 1 },
    ]);
  });

  test('rests on files without any call, which are told', () => {
    const report = sidecarsFor(shop, { observed: 'kind: Pod\nmetadata: {}\n', isComplete: true, names: ['mail.shop'] });
    expect(report.unused.unknown).toEqual([{ file: 'calls', what: 'file', names: [], count: 2 }]);
    const { text } = sidecarAdvicePrinters.text(report);
    expect(text).toContain('# Proof:\n# There was nothing to compare: no call that they could change is declared or observed.\n');
    expect(text).toContain('# calls: no call in 2 lines: ');
    expect(sidecarsFor(shop, { observed: webCallsCart }).unused.unknown).toEqual([]);
  });
});

test('a namespace without workloads is told, with those that have some', () => {
  expect(() => sidecarsFor(shop + stock, { namespace: 'shpo' })).toThrow(
    'no workload with a proxy is in namespace "shpo"; they are in shop, stock',
  );
});

describe('the name of a Sidecar', () => {
  const namesOf = ({ advice }: SidecarReport): readonly string[] => advice.map(({ manifest }) => manifest.metadata.name);

  test('is one that Kubernetes takes where the label that workloads share is none', () => {
    const versions = ['v1', 'v2'].map((version) =>
      application('mail', 'shop', { version }).replaceAll('app: mail', 'app: My_Mail.App'),
    );
    const report = sidecarsFor(namespace('shop') + versions.join(''), { isComplete: true });
    expect(namesOf(report)).toEqual(['my-mail-app']);
  });

  test('is that of the workload, and another where a Sidecar for others has it', () => {
    const other = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: mail, namespace: shop}
spec: {workloadSelector: {labels: {app: cart}}, egress: [{hosts: ['*/*']}]}
---
`;
    const wanted = { isComplete: true, names: ['mail.shop'] };
    expect(namesOf(sidecarsFor(shop, wanted))).toEqual(['mail']);
    expect(namesOf(sidecarsFor(shop + other, wanted))).toEqual(['mail-egress']);
  });
});
