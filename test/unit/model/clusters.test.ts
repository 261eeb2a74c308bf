import { describe, expect, test } from 'vitest';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { inputsByPrimary } from '../../../src/model/clusters.ts';
import type { Mesh } from '../../../src/model/mesh.ts';
import type { ClusterInput } from '../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const cluster = (name: string, yaml: string, more: Partial<ClusterInput> = {}): ClusterInput => ({
  name,
  resources: resourcesOfYaml(yaml),
  meshConfig: {},
  meshNetworks: undefined,
  ...more,
});

const remoteOf = (primary: string, network = ''): string => `
apiVersion: v1
kind: Namespace
metadata:
  name: istio-system
  labels: {topology.istio.io/network: "${network}"}
  annotations: {topology.istio.io/controlPlaneClusters: "${primary}"}
---`;

const service = (clusterIP: string, ports = '{name: http, port: 80}'): string => `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: ${clusterIP}, selector: {app: web}, ports: [${ports}]}
---`;

const pod = (name: string, ip: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app}]}
status: {podIP: ${ip}}
---`;

const meshesOf = (first: ClusterInput, ...others: readonly ClusterInput[]): readonly Mesh[] =>
  inputsByPrimary({ release: defaultRelease, clusters: [first, ...others] }).map((input) => buildMesh(input));

const namesOf = ({ proxies }: Mesh): readonly string[] =>
  proxies.map(({ cluster: of, namespace, name }) => `${of}/${namespace}/${name}`);

const messagesOf = ({ notes }: Mesh): readonly string[] => notes.map(({ code, message }) => `${code} ${message}`);

describe('who configures a cluster', () => {
  const primaries = (...clusters: readonly [ClusterInput, ...ClusterInput[]]): readonly (readonly string[])[] =>
    meshesOf(...clusters).map(namesOf);

  test('is its own istiod, else that of the first of the named clusters that exists', () => {
    const east = cluster('east', pod('a', '10.1.0.1'));
    const west = cluster('west', remoteOf('north, east') + pod('b', '10.2.0.1'));
    expect(primaries(west, east)).toEqual([['east/shop/a', 'west/shop/b']]);
    expect(primaries(cluster('west', pod('b', '10.2.0.1')), east)).toEqual([['east/shop/a'], ['west/shop/b']]);
  });

  test('is the first primary by name where any will do', () => {
    const west = cluster('a-remote', remoteOf('*') + pod('c', '10.2.0.1'));
    expect(primaries(west, cluster('south', pod('b', '10.3.0.1')), cluster('east', pod('a', '10.1.0.1')))).toEqual([
      ['east/shop/a', 'a-remote/shop/c'],
      ['south/shop/b'],
    ]);
  });

  test('is told where none of the named clusters is there', () => {
    const [mesh] = meshesOf(cluster('west', remoteOf('est') + pod('b', '10.2.0.1')), cluster('zone', ''));
    expect(mesh && messagesOf(mesh)).toEqual([
      'MESH1700 cluster west is configured by est, of which no manifests are given (there are west, zone): it is taken for its own primary',
    ]);
  });
});

describe('a service of several clusters', () => {
  const east = cluster('east', service('10.96.0.1') + pod('a', '10.1.0.1'));
  const west = cluster('west', service('10.97.0.1') + pod('b', '10.2.0.1'), { trustDomain: 'west.example' });
  const [mesh] = meshesOf(west, east);

  test('is one, with the addresses of each', () => {
    const [web, ...others] = mesh?.registry.servicesOf('web.shop.svc.cluster.local') ?? [];
    expect(others).toEqual([]);
    expect(web?.address).toBe('10.96.0.1');
    expect([...(web?.addressesByCluster ?? [])]).toEqual([
      ['east', ['10.96.0.1']],
      ['west', ['10.97.0.1']],
    ]);
  });

  test('has the endpoints of all, in the order of clusters, each with its cluster and the identity that it has there', () => {
    const [web] = mesh?.registry.servicesOf('web.shop.svc.cluster.local') ?? [];
    const [port] = web?.ports ?? [];
    if (mesh === undefined || web === undefined || port === undefined) throw new Error('there is no service');
    const endpoints = mesh.registry.discoveredEndpointsOf(web, port);
    expect(endpoints.map(({ address, clusterId, serviceAccount }) => [address, clusterId, serviceAccount])).toEqual([
      ['10.1.0.1', 'east', 'spiffe://cluster.local/ns/shop/sa/default'],
      ['10.2.0.1', 'west', 'spiffe://west.example/ns/shop/sa/default'],
    ]);
    expect(mesh.registry.discoveredEndpointsOf(web, port, 'west').map(({ address }) => address)).toEqual(['10.2.0.1']);
  });

  test('is told where its ports differ, and not where they are the same', () => {
    const other = cluster('west', service('10.97.0.1', '{name: web, port: 80}, {name: http, port: 8080}'));
    expect(mesh && messagesOf(mesh)).toEqual([]);
    expect(meshesOf(east, other).map(messagesOf)).toEqual([
      [
        'MESH1702 web.shop has other ports in cluster west than in east, whose definition counts for what east configures: clients reach port 8080 (http, HTTP) of west as port 80 (http, HTTP); nobody reaches port 80 (web), which east does not have',
      ],
      // One primary tells of two clusters.
      [],
    ]);
  });
});

describe('configuration', () => {
  const rule = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: far, namespace: shop}
spec: {hosts: [far.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
---`;

  test('of a remote counts for nobody, which is told; that of a primary does', () => {
    const remote = cluster('west', remoteOf('east') + rule);
    const [mesh] = meshesOf(cluster('east', pod('a', '10.1.0.1')), remote);
    expect(mesh?.registry.servicesOf('far.example')).toEqual([]);
    expect(mesh && messagesOf(mesh)).toEqual([
      'MESH1701 cluster west is configured by east, so that what it holds itself counts for nobody: ServiceEntry shop/far',
    ]);
    const [ownMesh, other] = meshesOf(cluster('east', rule), cluster('west', ''));
    expect(ownMesh?.registry.servicesOf('far.example')).toHaveLength(1);
    expect(other?.registry.servicesOf('far.example')).toEqual([]);
    expect(ownMesh && messagesOf(ownMesh)).toEqual([]);
  });
});

describe('networks', () => {
  const gateway = `
apiVersion: v1
kind: Service
metadata: {name: ew, namespace: istio-system, labels: {topology.istio.io/network: net-b}}
spec: {clusterIP: 10.97.0.9, type: LoadBalancer, ports: [{name: tls, port: 15443}]}
status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}
---`;
  const east = cluster('east', remoteOf('', 'net-a') + pod('a', '10.1.0.1'));

  test('of a proxy is that of its endpoints; what nobody writes can be given', () => {
    const west = cluster('west', pod('b', '10.2.0.1'), { network: 'net-c' });
    expect(meshesOf(east, west).map(({ proxies }) => proxies.map(({ network }) => network))).toEqual([['net-a'], ['net-c']]);
  });

  test('without a gateway are told, and those with one are not', () => {
    const west = cluster('west', remoteOf('', 'net-b') + gateway + pod('b', '10.2.0.1'));
    const [mesh] = meshesOf(east, west);
    expect(mesh?.registry.networkGateways).toEqual([{ network: 'net-b', clusterId: 'west', address: '192.0.2.1', port: 15443 }]);
    expect(mesh && messagesOf(mesh)).toEqual([
      'MESH1703 network net-a has no gateway: clients in net-b are sent to the addresses of pods in east there',
    ]);
    expect(meshesOf(east, cluster('west', remoteOf('', 'net-a') + pod('b', '10.2.0.1'))).flatMap(messagesOf)).toEqual([]);
  });

  test('are reached at the nodes that a service of node ports selects', () => {
    const nodes = ['a', 'b'].map(
      (name, index) => `
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {edge: "${name === 'a'}"}}
status: {addresses: [{type: InternalIP, address: 10.0.0.${index}}, {type: ExternalIP, address: 192.0.2.${index}}]}
---`,
    );
    const ofNodes = gateway
      .replace('type: LoadBalancer', 'type: NodePort')
      .replace('port: 15443', 'port: 15443, nodePort: 31443')
      .replace('name: ew,', `name: ew, annotations: {traffic.istio.io/nodeSelector: '{"edge": "true"}'},`)
      .replace(/status:.*\n/, '');
    const [mesh] = meshesOf(east, cluster('west', ofNodes + nodes.join('')));
    expect(mesh?.registry.networkGateways).toEqual([{ network: 'net-b', clusterId: 'west', address: '192.0.2.0', port: 31443 }]);
  });
});

describe('hosts that stay in their cluster', () => {
  test('are those of kube-system and istiod, unless that is taken back, and those that settings name', () => {
    const [usual] = meshesOf(cluster('east', ''));
    const isLocal = (name: string): boolean | undefined => usual?.isClusterLocal(`${name}.svc.cluster.local`);
    expect(['dns.kube-system', 'kubernetes.default', 'istiod.istio-system', 'web.shop'].map(isLocal)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    const serviceSettings = [
      { settings: { clusterLocal: true }, hosts: ['*.shop.svc.cluster.local'] },
      { settings: { clusterLocal: false }, hosts: ['web.shop.svc.cluster.local', '*.kube-system.svc.cluster.local'] },
    ];
    const [changed] = meshesOf(cluster('east', '', { meshConfig: { serviceSettings } }));
    const isLocalNow = (name: string): boolean | undefined => changed?.isClusterLocal(`${name}.svc.cluster.local`);
    expect(['dns.kube-system', 'api.shop', 'web.shop'].map(isLocalNow)).toEqual([false, true, false]);
  });
});
