import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import type { AddressMessage } from '../../../../src/envoy/ztunnel.ts';
import { namespace, workload } from '../../../support/ambient-mesh.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

/** What ztunnel is told of other networks, and how it reaches them. */

const control = `
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system, labels: {topology.istio.io/network: near}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    serviceScopeConfigs: [{servicesSelector: {matchLabels: {istio.io/global: "true"}}, scope: GLOBAL}]`;

const networks = `
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  meshNetworks: |
    networks: {other: {endpoints: [{fromRegistry: Kubernetes}], gateways: [{address: 192.0.2.9, port: 15443}]}}`;

const ACCOUNT = 'gateway.istio.io/service-account: eastwest';
const remote = (address = '{type: IPAddress, value: 203.0.113.9}', annotations = ACCOUNT) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: far, namespace: istio-system, labels: {topology.istio.io/network: far}, annotations: {${annotations}}}
spec: {gatewayClassName: istio-remote, addresses: [${address}], listeners: [{name: cross-network, port: 15008, protocol: HBONE}]}`;

const entry = (name: string, address: string, more = '') => `
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: ${name}, namespace: farm, labels: {app: milk}}
spec: {address: ${address}, network: far, serviceAccount: dairy, labels: {app: milk}${more}}`;

const MANAGED = 'gateway.networking.k8s.io/gateway-name: eastwest, gateway.istio.io/managed: istio.io-eastwest-controller';
/** The gateway of this network, at the address that the one of the other network is said to have: what comes there comes back. */
const eastWest = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: eastwest, namespace: istio-system, labels: {topology.istio.io/network: near}}
spec: {gatewayClassName: istio-east-west, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: v1
kind: Service
metadata: {name: eastwest, namespace: istio-system, labels: {${MANAGED}}}
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.31
  selector: {gateway.networking.k8s.io/gateway-name: eastwest}
  ports: [{name: mesh, port: 15008, appProtocol: hbone}]
status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: eastwest-0, namespace: istio-system, labels: {${MANAGED}, sidecar.istio.io/inject: "false"}}
spec: {serviceAccountName: eastwest, nodeName: n1, containers: [{name: istio-proxy, image: p, args: [proxy, waypoint]}]}
status: {phase: Running, podIP: 10.244.0.31, conditions: [{type: Ready, status: "True"}]}`;

const GLOBAL = 'istio.io/global: "true"';
const hen = workload('hen', 'farm', { ip: 1 });
/** A service of which no pod is ready here. */
const milk = (serviceLabels = GLOBAL) => workload('milk', 'farm', { ip: 2, serviceLabels, isReady: false });
const near = namespace('farm') + control + hen;
const SPANS = ['--istiod-env', 'AMBIENT_ENABLE_MULTI_NETWORK=true'];

async function output(text: string, ...argv: readonly string[]): Promise<unknown> {
  const io = createFakeIo({ files: { '/work/all.yaml': text } });
  expect(await run([...argv, '-f', 'all.yaml', '-o', 'json'], io)).toBe(0);
  return JSON.parse(io.output());
}

async function told(text: string, ...argv: readonly string[]) {
  const { ztunnel } = (await output(text, 'translate', ...argv)) as { ztunnel: { addresses: readonly AddressMessage[] } };
  const workloads = ztunnel.addresses.flatMap((address) => address.workload ?? []);
  return {
    workloads,
    named: (name: string) => workloads.find((candidate) => candidate.name === name),
    service: (name: string) => ztunnel.addresses.find(({ service }) => service?.name === name)?.service,
  };
}

async function traced(text: string, ...argv: readonly string[]) {
  const { ways } = (await output(text, 'trace', '--from', 'farm/hen', ...argv, 'http://milk/')) as {
    ways: readonly {
      status: number;
      hops: readonly { place: string; side: string; steps: readonly { text: string }[] }[];
    }[];
  };
  // The one that leaves the network, where there are others.
  const way = ways.find(({ hops }) => hops.some(({ side }) => side === 'waypoint' || side === 'service')) ?? ways[0];
  return {
    status: way?.status,
    hops: [...new Set(way?.hops.map(({ place, side }) => `${place} ${side}`))],
    texts: (way?.hops ?? []).flatMap(({ steps }) => steps.map(({ text: words }) => words)).join('\n'),
  };
}

const FAR = { address: { network: 'far', address: 'ywBxCQ==' }, hboneMtlsPort: 15008 };

describe('ztunnel is told', () => {
  test('of the gateway of a network, and that the workloads there are behind it', async () => {
    const { named } = await told(near + milk() + remote() + entry('one', '10.9.0.1'));
    expect(named('NetworkGateway/far/203.0.113.9/15008')).toEqual({
      uid: 'NetworkGateway/far/203.0.113.9/15008',
      name: 'NetworkGateway/far/203.0.113.9/15008',
      namespace: 'istio-system',
      addresses: ['ywBxCQ=='],
      network: 'far',
      serviceAccount: 'eastwest',
    });
    expect(named('one')).toMatchObject({ network: 'far', networkGateway: FAR, addresses: ['CgkAAQ=='] });
    expect(named('hen')).not.toHaveProperty('networkGateway');
  });

  test('of a gateway by its name, whose account is named as its Gateway and class', async () => {
    const gateway = remote('{type: Hostname, value: far.example.com}', '');
    const { named } = await told(near + milk() + gateway + entry('one', '10.9.0.1'));
    expect(named('NetworkGateway/far/far.example.com/15008')).toMatchObject({
      hostname: 'far.example.com',
      serviceAccount: 'far-istio-remote',
    });
    expect(named('one')).toMatchObject({
      networkGateway: { hostname: { namespace: 'istio-system', hostname: 'far.example.com' }, hboneMtlsPort: 15008 },
    });
  });

  test.each([
    ['of another class', remote().replace('istio-remote', 'istio')],
    ['without listener for tunnels', remote().replace('HBONE', 'TLS')],
    ['without network', remote().replace('labels: {topology.istio.io/network: far}, ', '')],
    ['without address', remote('')],
  ])('of no gateway %s', async (_, gateway) => {
    const { workloads, named } = await told(near + milk() + gateway + entry('one', '10.9.0.1'));
    expect(workloads.filter(({ uid = '' }) => uid.startsWith('NetworkGateway'))).toEqual([]);
    expect(named('one')).not.toHaveProperty('networkGateway');
  });

  test('that everything is on the network of the control plane, whatever MeshNetworks says', async () => {
    const { named, service } = await told(namespace('farm') + networks + hen + milk());
    expect(named('hen')).not.toHaveProperty('network');
    expect(service('hen')?.addresses).toEqual([{ address: 'CmAAAQ==' }]);
  });
});

describe('where ambient mode spans networks, ztunnel is told', () => {
  const all = near + remote() + entry('one', '10.9.0.1') + entry('two', '10.9.0.2', ', weight: 4');
  const UID = 'far/SplitHorizonWorkload/istio-system/far/203.0.113.9/farm/milk.farm.svc.cluster.local';

  test('of one workload for all that a service has in another network, and of the identities there', async () => {
    const { named, service } = await told(all + milk(), ...SPANS);
    expect(named('one')).toBeUndefined();
    expect(named('two')).toBeUndefined();
    expect(named(UID)).toEqual({
      uid: UID,
      name: UID,
      namespace: 'farm',
      network: 'far',
      tunnelProtocol: 'HBONE',
      networkGateway: FAR,
      workloadType: 'POD',
      services: {
        'farm/milk.farm.svc.cluster.local': { ports: [{ servicePort: 80, targetPort: 8080, appProtocol: 'HTTP11' }] },
      },
      clusterId: 'Kubernetes',
      capacity: 5,
    });
    expect(service('milk')?.subjectAltNames).toEqual(['spiffe://cluster.local/ns/farm/sa/dairy']);
    expect(service('hen')).not.toHaveProperty('subjectAltNames');
  });

  test('nothing of what a service has there that other networks do not see', async () => {
    const { workloads, service } = await told(all + milk(''), ...SPANS);
    expect(workloads.filter(({ network }) => network === 'far').map(({ uid }) => uid)).toEqual([
      'NetworkGateway/far/203.0.113.9/15008',
    ]);
    expect(service('milk')).not.toHaveProperty('subjectAltNames');
  });

  test('nothing of a network without gateway but the identities', async () => {
    const { workloads, service } = await told(near + milk() + entry('one', '10.9.0.1'), ...SPANS);
    expect(workloads.every(({ network }) => network === 'near')).toBe(true);
    expect(service('milk')?.subjectAltNames).toHaveLength(1);
  });
});

describe('a connection to another network', () => {
  const all = near + milk() + entry('one', '10.9.0.1');

  test('goes through a tunnel to the gateway there and one in it, to what lies outside of the manifests', async () => {
    const { status, hops, texts } = await traced(all + remote(), ...SPANS);
    expect({ status, hops }).toEqual({ status: 200, hops: ['farm/hen ztunnel outbound', '203.0.113.9:15008 server'] });
    expect(texts).toContain('both for milk.farm.svc.cluster.local:80, as spiffe://cluster.local/ns/farm/sa/hen');
  });

  test('is followed through the gateway to the pod, whose ztunnel sees the identity of the client', async () => {
    const mesh =
      near + workload('milk', 'farm', { ip: 2, serviceLabels: GLOBAL }) + entry('one', '10.9.0.1', ', weight: 99') + remote();
    const { status, hops, texts } = await traced(mesh.replace('dairy', 'milk') + eastWest, ...SPANS);
    expect({ status, hops }).toEqual({
      status: 200,
      hops: [
        'farm/hen ztunnel outbound',
        'istio-system/eastwest service',
        'istio-system/eastwest-0 waypoint',
        'farm/milk ztunnel inbound',
        'farm/milk server',
      ],
    });
    expect(texts).toContain('takes the tunnel for milk.farm.svc.cluster.local:80 of spiffe://cluster.local/ns/farm/sa/hen');
  });

  test('ends at a server that has none of the identities of the service', async () => {
    const mesh =
      near + workload('milk', 'farm', { ip: 2, serviceLabels: GLOBAL }) + entry('one', '10.9.0.1', ', weight: 99') + remote();
    const { status, texts } = await traced(mesh + eastWest, ...SPANS);
    expect(status).toBe(0);
    expect(texts).toContain('it is of spiffe://cluster.local/ns/farm/sa/milk, not of spiffe://cluster.local/ns/farm/sa/dairy');
  });

  test('ends at a gateway that has another identity than its Gateway says', async () => {
    const { status, texts } = await traced(all + remote(undefined, '') + eastWest, ...SPANS);
    expect(status).toBe(0);
    expect(texts).toContain('not of spiffe://cluster.local/ns/istio-system/sa/far-istio-remote');
  });

  test('is closed where no service names identities, as without AMBIENT_ENABLE_MULTI_NETWORK', async () => {
    const { status, texts } = await traced(all + remote());
    expect(status).toBe(0);
    expect(texts).toContain('names no identities (subjectAltNames)');
  });

  test('is closed where no gateway is known', async () => {
    expect(await traced(all)).toMatchObject({
      status: 0,
      texts: expect.stringContaining('of which ztunnel knows no gateway'),
    });
  });

  test('is none where an endpoint is near', async () => {
    const mesh = near + workload('milk', 'farm', { ip: 2, serviceLabels: GLOBAL }) + remote();
    expect((await traced(mesh, ...SPANS)).hops.at(-1)).toBe('farm/milk server');
  });
});
