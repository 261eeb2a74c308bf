import { expect, test } from 'vitest';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { registryNotes } from '../../../../src/model/registry/registry-notes.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';
import { ambientRelease } from '../../../support/waypoint-mesh.ts';

const notesOf = (yaml: string, enableAmbient = false, ambientEnableMultiNetwork = false): unknown[] =>
  registryNotes(resourcesOfYaml(yaml), { enableAmbient, ambientEnableMultiNetwork }).map(({ resource, path, location }) => [
    resource?.kind,
    path?.join('.'),
    location?.line,
  ]);

test('ambient mode and waypoints are told where they are written', () => {
  expect(
    notesOf(`
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/dataplane-mode: ambient
    istio.io/use-waypoint: shop-waypoint
`),
  ).toEqual([
    ['Namespace', 'metadata.labels.istio.io/dataplane-mode', 7],
    ['Namespace', 'metadata.labels.istio.io/use-waypoint', 8],
  ]);
});

test('pods of one template are told of once', () => {
  expect(
    notesOf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  replicas: 3
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, istio.io/dataplane-mode: ambient}}
    spec: {containers: [{name: app}]}
`),
  ).toHaveLength(1);
});

test('a gateway to another network that is known by name only is told of', () => {
  expect(
    notesOf(`
apiVersion: v1
kind: Service
metadata: {name: eastwest, labels: {topology.istio.io/network: east}}
spec: {type: LoadBalancer, ports: [{name: tls, port: 15443}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.1}, {hostname: lb.example}]}}
`),
  ).toEqual([['Service', 'status.loadBalancer.ingress.1.hostname', 6]]);
});

const managedBy = (controller: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: proxy, labels: {gateway.istio.io/managed: ${controller}}}
spec: {containers: [{name: istio-proxy, args: [proxy, waypoint]}]}
status: {podIP: 10.244.0.1}
`;

test('gateways between networks are told of, and get nothing, until ambient mode spans networks; waypoints get what is theirs', () => {
  const path = 'metadata.labels.gateway.istio.io/managed';
  expect(notesOf(managedBy('istio.io-eastwest-controller'), true)).toEqual([['Pod', path, 4]]);
  expect(notesOf(managedBy('istio.io-eastwest-controller'), true, true)).toEqual([]);
  expect(notesOf(managedBy('istio.io-mesh-controller'), true)).toEqual([]);
  const proxiesOf = (controller: string) =>
    buildMesh(singleCluster(resourcesOfYaml(managedBy(controller)), {}, undefined, ambientRelease)).proxies.length;
  expect(proxiesOf('istio.io-eastwest-controller')).toBe(0);
  expect(proxiesOf('istio.io-mesh-controller')).toBe(1);
});

test('in ambient mode nothing is said of labels and waypoints', () => {
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}';
  expect(notesOf(namespace, true)).toEqual([]);
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: w}\nspec: {containers: [{name: istio-proxy, args: [proxy, waypoint]}]}';
  expect(notesOf(pod, true)).toEqual([]);
  expect(notesOf(pod)).toEqual([]);
});
