import { expect, test } from 'vitest';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { WaypointView } from '../../../src/scope/view.ts';
import { buildersOf } from '../../support/builders.ts';
import { resourcesOfYaml } from '../../support/resources.ts';
import { object, served, servedEntry, waypoint } from '../../support/waypoint-mesh.ts';

const ambient = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, enableAmbient: true } };

function viewOf(...documents: string[]): WaypointView {
  const resources = resourcesOfYaml(documents.join('\n---\n'));
  return buildersOf(buildMesh(singleCluster(resources, {}, undefined, ambient))).waypoint('shop/waypoint');
}

const HTTP = '{name: http, port: 80}';
const cart = served('cart', '10.96.0.1', HTTP);
const namesOf = (resources: readonly { readonly name: string }[]): readonly string[] => resources.map(({ name }) => name);

test('without ambient mode the pod of a waypoint has no proxy', () => {
  expect(buildMesh(singleCluster(resourcesOfYaml(waypoint()))).proxies).toEqual([]);
});

test('a waypoint serves what is told to use it, Services before the younger ServiceEntries, and itself never', () => {
  const api = servedEntry('api', 'hosts: [api.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS');
  const other = 'apiVersion: v1\nkind: Service\nmetadata: {name: alone, namespace: shop}\nspec: {ports: [{port: 80}]}\n';
  const view = viewOf(waypoint(), api, served('web', '10.96.0.2', HTTP), cart, other);
  expect(view.services.map(({ hostname }) => hostname)).toEqual([
    'cart.shop.svc.cluster.local',
    'web.shop.svc.cluster.local',
    'api.example',
  ]);
  expect(view.served('alone.shop.svc.cluster.local')).toBeUndefined();
});

test('hosts inside of the mesh that would be resolved by the proxy are not served', () => {
  const spec = (location: string) =>
    `hosts: ["*.example"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DYNAMIC_DNS, location: ${location}`;
  expect(viewOf(waypoint(), servedEntry('inside', spec('MESH_INTERNAL'))).services).toEqual([]);
  expect(viewOf(waypoint(), servedEntry('outside', spec('MESH_EXTERNAL'))).services).toHaveLength(1);
});

test('workloads are served where the waypoint is for them', () => {
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: job, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}\nspec: {containers: [{name: a}]}\nstatus: {podIP: 10.244.0.8}\n';
  expect(viewOf(waypoint({ serves: 'all' }), pod).workloads.map(({ name }) => name)).toEqual(['job']);
  expect(viewOf(waypoint(), pod).workloads).toEqual([]);
});

test('policies reach a waypoint by targetRefs: of one service, of its Gateway, of its class in the root namespace', () => {
  const policy = (name: string, spec: string, namespace = 'shop') => object('AuthorizationPolicy', name, spec, namespace);
  const view = viewOf(
    waypoint(),
    cart,
    served('web', '10.96.0.2', HTTP),
    policy('of-cart', 'targetRefs: [{kind: Service, group: "", name: cart}]'),
    policy('of-gateway', 'targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]'),
    policy(
      'of-class',
      'targetRefs: [{kind: GatewayClass, group: gateway.networking.k8s.io, name: istio-waypoint}]',
      'istio-system',
    ),
    policy('of-class-elsewhere', 'targetRefs: [{kind: GatewayClass, group: gateway.networking.k8s.io, name: istio-waypoint}]'),
    policy('selecting', 'selector: {matchLabels: {gateway.istio.io/managed: istio.io-mesh-controller}}'),
    policy('general', ''),
    policy('mesh-wide', '', 'istio-system'),
  );
  const [first, second] = view.services;
  expect(namesOf(view.authorizationPolicies.allow)).toEqual(['of-class', 'of-gateway']);
  expect(first && namesOf(view.forService(first).authorizationPolicies.allow)).toEqual(['of-class', 'of-cart', 'of-gateway']);
  expect(second && namesOf(view.forService(second).authorizationPolicies.allow)).toEqual(['of-class', 'of-gateway']);
});

test('Telemetry for a service of another namespace is looked for there', () => {
  const gateway = 'targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]';
  const view = viewOf(
    waypoint({ from: 'All' }),
    cart,
    served('feed', '10.96.0.2', HTTP, 'partner'),
    object('Telemetry', 'of-gateway', gateway),
    object('Telemetry', 'of-shop', ''),
    object('Telemetry', 'of-partner', '', 'partner'),
  );
  const telemetryOf = (hostname: string): readonly string[] => {
    const service = view.served(hostname);
    return service === undefined ? [] : namesOf(view.forService(service).telemetry.from);
  };
  expect(telemetryOf('cart.shop.svc.cluster.local')).toEqual(['of-shop', 'of-gateway']);
  expect(telemetryOf('feed.partner.svc.cluster.local')).toEqual(['of-shop', 'of-partner']);
});

test('virtual services count that are of the namespace of the waypoint or of the service', () => {
  const rule = 'hosts: ["*.svc.cluster.local"], http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]';
  const view = viewOf(
    waypoint({ from: 'All' }),
    served('feed', '10.96.0.2', HTTP, 'partner'),
    object('VirtualService', 'a', rule, 'partner'),
    object('VirtualService', 'b', rule),
    object('VirtualService', 'c', rule, 'elsewhere'),
    object('VirtualService', 'd', 'hosts: [other.shop.svc.cluster.local], http: [{directResponse: {status: 404}}]'),
  );
  const [feed] = view.services;
  expect(feed && namesOf(view.virtualServicesOf(feed))).toEqual(['a', 'b']);
});

test('it sends outside to where virtual services of what it serves lead, and to hosts beyond the mesh', () => {
  const plain = (name: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {ports: [{port: 80, name: http}]}\n`;
  const leadsTo = (name: string, host: string, to: string) =>
    object('VirtualService', name, `hosts: [${host}], http: [{route: [{destination: {host: ${to}}}]}]`);
  const view = viewOf(
    waypoint(),
    cart,
    servedEntry(
      'api',
      'hosts: [api.example], location: MESH_EXTERNAL, ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS',
    ),
    plain('legacy'),
    plain('unused'),
    leadsTo('a', 'cart', 'legacy'),
    leadsTo('b', 'cart', 'cart'),
    leadsTo('c', 'api.example', 'api.example'),
    leadsTo('d', 'legacy', 'unused'),
  );
  expect(view.outboundServices.map(({ hostname }) => hostname)).toEqual(['legacy.shop.svc.cluster.local', 'api.example']);
});
