import { expect, test } from 'vitest';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import type { Mesh } from '../../../src/model/mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { commonNamespaces } from '../../../src/scope/common-namespaces.ts';
import { createScopeBuilder } from '../../../src/scope/sidecar-scope.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const namespaces = ['shop', 'pay', 'bank'];
const services = namespaces.map(
  (namespace) => `apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace} }
spec: { clusterIP: None, selector: { app: web }, ports: [{ name: http, port: 80 }] }
`,
);

function istio(kind: string, namespace: string, spec: string, group = 'networking.istio.io/v1'): string {
  return `apiVersion: ${group}\nkind: ${kind}\nmetadata: { name: one, namespace: ${namespace} }\nspec: ${spec}\n`;
}

const entry = (namespace: string, more = ''): string =>
  istio('ServiceEntry', namespace, `{ hosts: [api.example.com], ports: [{ number: 80, name: http, protocol: HTTP }]${more} }`);
const destinationRule = (namespace: string, host: string, more = ''): string =>
  istio('DestinationRule', namespace, `{ host: ${host}, trafficPolicy: { tls: { mode: DISABLE } }${more} }`);
const virtualService = (namespace: string, more: string): string =>
  istio('VirtualService', namespace, `{ hosts: [web.shop.svc.cluster.local], ${more} }`);
const route = 'http: [{ route: [{ destination: { host: web.shop.svc.cluster.local } }] }]';

function meshOf(resources: readonly string[]): Mesh {
  return buildMesh(singleCluster(resourcesOfYaml([...services, ...resources].join('---\n'))));
}

function commonOf(...resources: readonly string[]): readonly string[] {
  return namespaces.filter(commonNamespaces(meshOf(resources)));
}

test.each([
  ['nothing but a service', []],
  ['a rule for a service of its own', [destinationRule('shop', 'web')]],
  ['routes for everybody', [virtualService('shop', route)]],
  ['a ServiceEntry of a host that nobody else has', [entry('shop')]],
])('namespaces are common that have %s', (_what, resources) => {
  expect(commonOf(...resources)).toEqual(namespaces);
});

test.each([
  ['keeps a service', [entry('shop', ', exportTo: ["."]')], ['pay', 'bank']],
  ['is shown a service by name', [entry('shop', ', exportTo: [pay]')], ['bank']],
  ['has a host that others have too', [entry('shop'), entry('pay')], ['bank']],
  ['keeps a rule', [destinationRule('shop', 'web', ', exportTo: ["."]')], ['pay', 'bank']],
  ['is shown a rule by name', [destinationRule('shop', 'web', ', exportTo: [pay]')], ['bank']],
  [
    'has a rule for some workloads',
    [destinationRule('shop', 'web', ', workloadSelector: { matchLabels: { a: b } }')],
    ['pay', 'bank'],
  ],
  ["has a rule for another namespace's service", [destinationRule('shop', 'web.pay.svc.cluster.local')], ['pay', 'bank']],
  ['has a rule for many services', [destinationRule('shop', '"*.cluster.local"')], ['pay', 'bank']],
  ['keeps routes', [virtualService('shop', `exportTo: ["."], ${route}`)], ['pay', 'bank']],
  ['is shown routes by name', [virtualService('shop', `exportTo: [pay], ${route}`)], ['shop', 'bank']],
  [
    'is named by a match',
    [
      virtualService(
        'shop',
        'http: [{ match: [{ sourceNamespace: pay }], route: [{ destination: { host: web.pay.svc.cluster.local } }] }]',
      ),
    ],
    ['shop', 'bank'],
  ],
])('a namespace is not common that %s', (_what, resources, common) => {
  expect(commonOf(...resources)).toEqual(common);
});

test('proxies of common namespaces share what they see, each under the name of its own namespace', () => {
  const scopes = createScopeBuilder(meshOf([destinationRule('bank', 'web', ', exportTo: ["."]')]));
  const [shop, pay, bank] = namespaces.map((namespace) => scopes.forSidecars(undefined, namespace));
  expect([shop?.namespace, pay?.namespace, bank?.namespace]).toEqual(namespaces);
  expect(shop?.services).toBe(pay?.services);
  expect(bank?.services).not.toBe(pay?.services);
  const hosts = [shop, bank].map((scope) =>
    scope?.destinationRules('web.bank.svc.cluster.local').map(({ rule }) => rule.namespace),
  );
  expect(hosts).toEqual([[], ['bank']]);
});
