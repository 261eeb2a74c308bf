import { expect, test } from 'vitest';
import type { ServiceSpec, WorkloadControllerSpec } from '../../../src/api/kubernetes.ts';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { type AmbientBehaviours, managedGateways } from '../../../src/resource/managed-gateways.ts';
import type { Resource, ResourceOf } from '../../../src/resource/resource.ts';
import { inputOfYaml } from '../../support/resources.ts';

const listeners =
  '[{name: http.main, port: 80, protocol: HTTP}, {name: again, port: 80, protocol: HTTP}, {name: tls, port: 443, protocol: TLS}]';

function gateway(more = '', metadata = ''): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: bookinfo${metadata}}
spec: {gatewayClassName: istio, listeners: ${listeners}${more}}
`;
}

interface Assumed {
  readonly made: readonly Resource[];
  readonly notes: readonly Diagnostic[];
}

const assume = (...documents: readonly string[]): Assumed => assumeWith({}, documents);

function assumeWith(behaviours: Partial<AmbientBehaviours>, documents: readonly string[]): Assumed {
  const notes: Diagnostic[] = [];
  const all: AmbientBehaviours = { enableAmbient: false, ambientEnableMultiNetwork: false, ...behaviours };
  const made = managedGateways(inputOfYaml(documents.join('\n---\n')).written, (note) => notes.push(note), all);
  return { made, notes };
}

function portsOf(service: Resource | undefined): ServiceSpec['ports'] {
  return (service as ResourceOf<'Service'> | undefined)?.spec.ports;
}

function templateOf(deployment: Resource | undefined): WorkloadControllerSpec['template'] {
  return (deployment as ResourceOf<'Deployment'> | undefined)?.spec.template;
}

test('a Gateway without Service and pods gets those that istiod makes, which is noted', () => {
  const { made, notes } = assume(gateway());
  expect(made.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
    'Service bookinfo/web-istio',
    'Deployment bookinfo/web-istio',
  ]);
  expect(portsOf(made[0])).toMatchObject([
    { name: 'status-port', port: 15021, targetPort: 15021 },
    { name: 'http-main', port: 80, appProtocol: 'http' },
    { name: 'tls', port: 443, appProtocol: 'tls' },
  ]);
  const template = templateOf(made[1]);
  expect(template?.metadata?.labels).toMatchObject({ 'gateway.networking.k8s.io/gateway-name': 'web' });
  expect(template?.spec?.serviceAccountName).toBe('web-istio');
  expect(notes).toMatchObject([{ code: 'MESH1213', severity: 'info' }]);
});

test('what is given is not made again', () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: web-istio, namespace: bookinfo}\nspec: {ports: [{port: 80}]}';
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: bookinfo, labels: {gateway.networking.k8s.io/gateway-name: web}}';
  expect(assume(gateway(), service).made.map(({ kind }) => kind)).toEqual(['Deployment']);
  expect(assume(gateway(), pod).made.map(({ kind }) => kind)).toEqual(['Service']);
  expect(assume(gateway(), service, pod)).toEqual({ made: [], notes: [] });
});

test('a Gateway of existing Services, and one of another controller, gets nothing', () => {
  expect(assume(gateway(', addresses: [{type: Hostname, value: ingress}]')).made).toEqual([]);
  expect(assume(gateway().replace('gatewayClassName: istio', 'gatewayClassName: nginx')).made).toEqual([]);
});

test('annotations of the Gateway name the Service and the account', () => {
  const { made } = assume(
    gateway('', ', annotations: {gateway.istio.io/name-override: front, gateway.istio.io/service-account: edge}'),
  );
  expect(made.map(({ name }) => name)).toEqual(['front', 'front']);
  expect(templateOf(made[1])?.spec?.serviceAccountName).toBe('edge');
});

test('labels come from spec.infrastructure, else from the Gateway', () => {
  const own = ', labels: {team: own}';
  expect(assume(gateway('', own)).made[0]?.labels).toMatchObject({ team: 'own' });
  expect(assume(gateway(', infrastructure: {labels: {team: infra}}', own)).made[0]?.labels).toMatchObject({ team: 'infra' });
});

test('ports of ListenerSets that the Gateway allows are ports of the Service', () => {
  const set = `
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: more, namespace: bookinfo}
spec: {parentRef: {name: web}, listeners: [{name: alt, port: 8080, protocol: HTTP}]}
`;
  const portsWith = (more: string) => portsOf(assume(gateway(more), set).made[0])?.map(({ port }) => port);
  expect(portsWith('')).toEqual([15021, 80, 443]);
  expect(portsWith(', allowedListeners: {namespaces: {from: Same}}')).toEqual([15021, 80, 443, 8080]);
});

test('a waypoint gets a Service and a pod of its own name in ambient mode alone', () => {
  const waypoint = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: bookinfo, labels: {istio.io/waypoint-for: all}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
`;
  expect(assume(waypoint).made).toEqual([]);
  const [service, deployment] = assumeWith({ enableAmbient: true }, [waypoint]).made;
  expect([service?.name, deployment?.name]).toEqual(['waypoint', 'waypoint']);
  expect(service?.labels).toMatchObject({
    'gateway.istio.io/managed': 'istio.io-mesh-controller',
    'istio.io/waypoint-for': 'all',
  });
  expect(portsOf(service)?.map(({ port }) => port)).toEqual([15021, 15008]);
  expect(templateOf(deployment)?.metadata?.labels?.['istio.io/dataplane-mode']).toBe('none');
});

test('a gateway between networks gets a Service for the outside and a pod that runs as a waypoint, where ambient mode spans networks', () => {
  const eastWest = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: eastwest, namespace: bookinfo, labels: {topology.istio.io/network: near}}
spec: {gatewayClassName: istio-east-west, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
`;
  expect(assumeWith({ enableAmbient: true }, [eastWest]).made).toEqual([]);
  const [service, deployment] = assumeWith({ enableAmbient: true, ambientEnableMultiNetwork: true }, [eastWest]).made;
  expect([service?.name, deployment?.name]).toEqual(['eastwest', 'eastwest']);
  expect(service).toMatchObject({ spec: { type: 'LoadBalancer' }, labels: { 'topology.istio.io/network': 'near' } });
  expect(templateOf(deployment)).toMatchObject({
    metadata: { labels: { 'gateway.istio.io/managed': 'istio.io-eastwest-controller', 'topology.istio.io/network': 'near' } },
    spec: { containers: [{ args: ['proxy', 'waypoint'] }] },
  });
});

test('the pods of a gateway are left alone by ztunnel, where there is one', () => {
  const modeOf = (enableAmbient: boolean) =>
    templateOf(assumeWith({ enableAmbient }, [gateway()]).made[1])?.metadata?.labels?.['istio.io/dataplane-mode'];
  expect([modeOf(false), modeOf(true)]).toEqual([undefined, 'none']);
});
