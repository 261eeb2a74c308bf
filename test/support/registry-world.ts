/** A mesh with services and workloads of many kinds, one file for each document; and what somebody may do to them. */

type Files = Readonly<Record<string, string>>;

/** An edit of some of the files, by name. */
export interface RegistryEdit {
  readonly name: string;
  readonly changes: Readonly<Record<string, string | null>>;
}

const at = (name: string): string => `/work/manifests/${name}.yaml`;

const service = (name: string, spec: string, metadata = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop${metadata}}\nspec: {${spec}}\n`;
const pod = (name: string, app: string, ip: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop, labels: {app: ${app}, version: v1}}\nspec:\n  serviceAccountName: ${app}\n  containers: [{name: app, image: app, ports: [{name: http-web, containerPort: 8080}, {containerPort: 9090}]}]${more}\nstatus: {podIP: ${ip}, phase: Running, conditions: [{type: Ready, status: "True"}]}\n`;
const istio = (kind: string, group: string, name: string, spec: string, namespace = 'shop'): string =>
  `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
const networking = (kind: string, name: string, spec: string, namespace = 'shop'): string =>
  istio(kind, 'networking', name, spec, namespace);

const web = service(
  'web',
  'clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http-web}, {name: grpc, port: 9090}]',
);
const api = service('api', 'clusterIP: 10.96.0.2, selector: {app: api}, ports: [{name: tcp, port: 9090}]');
const database = service('database', 'clusterIP: None, selector: {app: database}, ports: [{name: tcp, port: 5432}]');
const old = service('old', 'type: ExternalName, externalName: web.shop.svc.cluster.local, ports: [{name: http, port: 80}]');
const outside = service('outside', 'clusterIP: 10.96.0.4, ports: [{name: http, port: 80}]');
const slice = `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: outside-1, namespace: shop, labels: {kubernetes.io/service-name: outside}}\naddressType: IPv4\nports: [{name: http, port: 8080}]\nendpoints: [{addresses: [192.0.2.7], conditions: {ready: true}}, {addresses: [10.1.0.4], targetRef: {kind: Pod, name: api-1, namespace: shop}}]\n`;
const waypoint = `apiVersion: v1\nkind: Pod\nmetadata: {name: waypoint-1, namespace: shop, labels: {gateway.networking.k8s.io/gateway-name: waypoint, gateway.istio.io/managed: istio.io-mesh-controller}}\nspec: {serviceAccountName: waypoint, containers: [{name: istio-proxy, image: proxyv2, args: [proxy, waypoint], ports: [{containerPort: 15008}]}]}\nstatus: {podIP: 10.1.0.9}\n`;
const waypointGateway = `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: all}}\nspec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n`;
const namespaceOf = (name: string, labels: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${labels}}}\n`;
const node = (name: string, zone: string): string =>
  `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}, labels: {topology.kubernetes.io/region: r, topology.kubernetes.io/zone: ${zone}}}\nstatus: {addresses: [{type: InternalIP, address: 192.0.2.1}]}\n`;
const deployment = (replicas: number, labels = 'app: worker'): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker, namespace: back}\nspec:\n  replicas: ${replicas}\n  selector: {matchLabels: {app: worker}}\n  template: {metadata: {labels: {${labels}}}, spec: {containers: [{name: app, image: app, ports: [{containerPort: 8080}]}]}}\n`;
const worker = (more = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: worker, namespace: back${more}}\nspec: {selector: {app: worker}, ports: [{name: http, port: 80, targetPort: 8080}]}\n`;
const entry = (spec: string, name = 'bank'): string => networking('ServiceEntry', name, spec);
const bank = '{hosts: [bank.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]';
const shared = (address: string): string =>
  `{hosts: [web.shop.svc.cluster.local], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: ${address}, serviceAccount: more}]}`;
const chosen =
  '{hosts: [chosen.example], location: MESH_INTERNAL, resolution: STATIC, workloadSelector: {labels: {app: api}}, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 9090}]}';
const machine = (address: string, app = 'web'): string =>
  networking('WorkloadEntry', 'machine', `{address: ${address}, labels: {app: ${app}}, serviceAccount: machine}`);

/** The mesh; ambient is a matter of the configuration beside it. */
export const registryWorld: Files = {
  [at('ns-shop')]: namespaceOf('shop', 'istio-injection: enabled'),
  [at('ns-back')]: namespaceOf('back', 'istio-injection: enabled'),
  [at('node')]: node('n1', 'z1'),
  [at('svc-web')]: web,
  [at('svc-api')]: api,
  [at('svc-database')]: database,
  [at('svc-old')]: old,
  [at('svc-outside')]: outside,
  [at('slice')]: slice,
  [at('svc-worker')]: worker(),
  [at('pod-web-1')]: pod('web-1', 'web', '10.1.0.1', '\n  nodeName: n1'),
  [at('pod-web-2')]: pod('web-2', 'web', '10.1.0.2'),
  [at('pod-api-1')]: pod('api-1', 'api', '10.1.0.4'),
  [at('pod-database-0')]: pod('database-0', 'database', '10.1.0.5'),
  [at('worker')]: deployment(2),
  [at('gateway-pod')]: pod('ingress', 'ingress', '10.1.0.8').replace('image: app', 'image: app, args: [proxy, router]'),
  [at('gateway-svc')]: service('ingress', 'selector: {app: ingress}, ports: [{name: http, port: 80, targetPort: 8080}]'),
  [at('gateway')]: networking(
    'Gateway',
    'entrance',
    '{selector: {app: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
  ),
  [at('waypoint')]: waypoint,
  [at('waypoint-gateway')]: waypointGateway,
  [at('se-bank')]: entry(`${bank}}`),
  [at('se-chosen')]: entry(chosen, 'chosen'),
  [at('machine')]: machine('192.0.2.20'),
  [at('vs-web')]: networking(
    'VirtualService',
    'web',
    '{hosts: [web, shop.example], gateways: [mesh, entrance], http: [{route: [{destination: {host: web, subset: v1, port: {number: 80}}}]}]}',
  ),
  [at('dr-web')]: networking(
    'DestinationRule',
    'web',
    '{host: web, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
  ),
  [at('dr-api')]: networking('DestinationRule', 'api', '{host: api, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}'),
  [at('sidecar')]: networking(
    'Sidecar',
    'narrow',
    '{workloadSelector: {labels: {app: api}}, egress: [{port: {number: 9090, protocol: GRPC, name: grpc}, hosts: ["./*"]}, {hosts: ["back/*", "./*"]}]}',
  ),
  [at('peers')]: istio('PeerAuthentication', 'security', 'default', '{mtls: {mode: STRICT}}', 'istio-system'),
  [at('policy')]: istio(
    'AuthorizationPolicy',
    'security',
    'to-api',
    '{selector: {matchLabels: {app: api}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}',
  ),
};

const edit = (name: string, file: string, text: string | null): RegistryEdit => ({ name, changes: { [at(file)]: text } });
const replaced = (name: string, file: string, from: string, to: string): RegistryEdit => {
  const text = registryWorld[at(file)] ?? '';
  if (!text.includes(from)) throw new TypeError(`${file} does not say ${from}`);
  return edit(name, file, text.replace(from, to));
};

/** Each is made to the world as it is written, whatever was edited before. */
export const registryEdits: readonly RegistryEdit[] = [
  replaced('a label of a pod that nothing selects on', 'pod-web-1', 'version: v1', 'version: v1, colour: blue'),
  replaced('a label of a pod that a subset selects on', 'pod-web-1', 'version: v1', 'version: v2'),
  replaced('a label of a pod that a Service selects on', 'pod-web-2', 'app: web', 'app: api'),
  replaced('the address of a pod', 'pod-web-2', '10.1.0.2', '10.1.0.77'),
  replaced('a pod without an address', 'pod-web-2', 'podIP: 10.1.0.2, ', ''),
  replaced('a pod that is not ready', 'pod-web-1', 'status: "True"', 'status: "False"'),
  replaced('a pod that has ended', 'pod-web-1', 'Running', 'Succeeded'),
  replaced('the service account of a pod', 'pod-api-1', 'serviceAccountName: api', 'serviceAccountName: other'),
  replaced('the container ports of a pod', 'pod-web-1', 'containerPort: 8080', 'containerPort: 8081'),
  replaced('a pod on the network of its node', 'pod-web-1', 'nodeName: n1', 'nodeName: n1\n  hostNetwork: true'),
  replaced('a pod that is not injected', 'pod-api-1', 'version: v1', 'version: v1, sidecar.istio.io/inject: "false"'),
  replaced('a pod on another node', 'pod-web-1', 'nodeName: n1', 'nodeName: n2'),
  edit('a pod that is deleted', 'pod-web-1', null),
  edit('a pod that is added', 'pod-web-3', pod('web-3', 'web', '10.1.0.3')),
  edit('a pod with the address of another', 'pod-web-3', pod('web-3', 'web', '10.1.0.4')),
  edit('a pod of a Service that had none', 'pod-outside', pod('outside-1', 'outside', '192.0.2.7')),
  replaced('the selector of a Service', 'svc-web', 'selector: {app: web}', 'selector: {app: web, version: v2}'),
  replaced('the name of a port', 'svc-web', 'name: http', 'name: tcp'),
  replaced('the number of a port', 'svc-web', 'port: 80', 'port: 81'),
  replaced('the target of a port', 'svc-web', 'targetPort: http-web', 'targetPort: 9090'),
  replaced('the protocol of a port', 'svc-api', 'name: tcp', 'name: tcp, protocol: UDP'),
  replaced('a port that is added', 'svc-api', '{name: tcp,', '{name: http-more, port: 8080}, {name: tcp,'),
  replaced('a port that is taken away', 'svc-web', ', {name: grpc, port: 9090}', ''),
  replaced('the address of a Service', 'svc-web', '10.96.0.1', '10.96.0.99'),
  replaced('a Service with a label', 'svc-web', 'namespace: shop', 'namespace: shop, labels: {istio.io/use-waypoint: waypoint}'),
  replaced(
    'a Service that is seen by some only',
    'svc-worker',
    'namespace: back',
    'namespace: back, annotations: {networking.istio.io/exportTo: "."}',
  ),
  replaced(
    'a Service that names identities',
    'svc-api',
    'namespace: shop',
    'namespace: shop, annotations: {alpha.istio.io/kubernetes-serviceaccounts: more}',
  ),
  replaced('a Service that is older', 'svc-api', 'namespace: shop', 'namespace: shop, creationTimestamp: "2020-01-01T00:00:00Z"'),
  edit('a Service that is deleted', 'svc-api', null),
  edit('a Service that is added', 'svc-more', service('more', 'selector: {app: web}, ports: [{name: http, port: 80}]')),
  edit('a second Service of the same pods', 'svc-a', service('a', 'selector: {app: api}, ports: [{name: http, port: 9090}]')),
  replaced('a Service that becomes headless', 'svc-api', 'clusterIP: 10.96.0.2', 'clusterIP: None'),
  replaced('a headless Service that gets an address', 'svc-database', 'clusterIP: None', 'clusterIP: 10.96.0.50'),
  replaced('another target of an ExternalName', 'svc-old', 'web.shop', 'api.shop'),
  edit('an ExternalName that is deleted', 'svc-old', null),
  edit(
    'an ExternalName that leads to another',
    'svc-older',
    service('older', 'type: ExternalName, externalName: old.shop.svc.cluster.local, ports: [{name: http, port: 80}]'),
  ),
  replaced('an address of an EndpointSlice', 'slice', '192.0.2.7', '192.0.2.8'),
  edit('an EndpointSlice that is deleted', 'slice', null),
  replaced('an EndpointSlice of another Service', 'slice', 'service-name: outside', 'service-name: web'),
  edit('a namespace without injection', 'ns-shop', namespaceOf('shop', 'istio-injection: disabled')),
  edit('a namespace that is ambient', 'ns-shop', namespaceOf('shop', 'istio.io/dataplane-mode: ambient')),
  edit(
    'a namespace with a waypoint',
    'ns-shop',
    namespaceOf('shop', 'istio-injection: enabled, istio.io/use-waypoint: waypoint'),
  ),
  edit('a namespace that is deleted', 'ns-back', null),
  edit('a network of the control plane', 'ns-istio', namespaceOf('istio-system', 'topology.istio.io/network: here')),
  edit('another zone of a node', 'node', node('n1', 'z2')),
  edit('more pods of a Deployment', 'worker', deployment(3)),
  edit('fewer pods of a Deployment', 'worker', deployment(1)),
  edit('other labels of the pods of a Deployment', 'worker', deployment(2, 'app: worker, version: v2')),
  edit(
    'a pod of the name that one of a Deployment has',
    'pod-worker',
    pod('worker-0', 'web', '10.1.0.40').replace('shop', 'back'),
  ),
  edit(
    'endpoints of a ServiceEntry',
    'se-bank',
    entry(`${bank}, endpoints: [{address: a.bank.example}, {address: b.bank.example}]}`),
  ),
  edit('an address of a ServiceEntry', 'se-bank', entry(`${bank}, addresses: [192.0.2.80]}`)),
  edit(
    'a ServiceEntry for the host of a Service',
    'se-more',
    entry(`${bank.replace('bank.example', 'web.shop.svc.cluster.local')}}`, 'more'),
  ),
  edit('a second ServiceEntry of one host', 'se-more', entry(`${bank.replace('number: 443', 'number: 444')}}`, 'more')),
  edit('endpoints of a ServiceEntry that a Service has too', 'se-more', entry(shared('192.0.2.90'), 'more')),
  edit('other endpoints of that', 'se-more', entry(shared('192.0.2.91'), 'more')),
  edit(
    'endpoints of a second ServiceEntry of one host',
    'se-more',
    entry(`${bank}, endpoints: [{address: c.bank.example}]}`, 'more'),
  ),
  edit('identities of a second ServiceEntry of one host', 'se-more', entry(`${bank}, subjectAltNames: [bank]}`, 'more')),
  edit(
    'other ports of a second ServiceEntry of one host',
    'se-more',
    entry(`${bank.replace('[{', '[{number: 80, name: http}, {')}}`, 'a'),
  ),
  edit('another selector of a ServiceEntry', 'se-chosen', entry(chosen.replace('app: api', 'app: web'), 'chosen')),
  edit('a ServiceEntry that is deleted', 'se-bank', null),
  edit('the address of a WorkloadEntry', 'machine', machine('192.0.2.21')),
  edit('the labels of a WorkloadEntry', 'machine', machine('192.0.2.20', 'api')),
  edit('a WorkloadEntry that is deleted', 'machine', null),
  edit('a waypoint that is deleted', 'waypoint', null),
  replaced('the address of a waypoint', 'waypoint', '10.1.0.9', '10.1.0.19'),
  replaced('a waypoint for workloads only', 'waypoint-gateway', 'waypoint-for: all', 'waypoint-for: workload'),
  replaced('the address of a gateway', 'gateway-pod', '10.1.0.8', '10.1.0.18'),
  replaced('the target of a gateway', 'gateway-svc', 'targetPort: 8080', 'targetPort: 9090'),
  replaced('the host of a VirtualService', 'vs-web', 'hosts: [web, ', 'hosts: [api, '),
  replaced('the policy of a DestinationRule', 'dr-web', 'consecutive5xxErrors: 5', 'consecutive5xxErrors: 6'),
  replaced('the ports of a Sidecar', 'sidecar', 'number: 9090', 'number: 80'),
  edit('a policy for mutual TLS', 'peers', null),
];
