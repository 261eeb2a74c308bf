import type {
  AmbientPod,
  DescribedContainerPort,
  DescribedDestinationRule,
  DescribedPort,
  DescribedService,
  DescribedTrafficPolicy,
  Description,
  EffectivePeerAuthentication,
  ExposedAddress,
  Exposure,
  Ingress,
  NamespacedName,
  PodDescription,
  PolicyPart,
} from '../../operations/describe/description.ts';
import { printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
import { type NameWriter, virtualServiceLines } from './virtual-service.ts';

/** Between the parts of a description. */
const SEPARATOR = '--------------------';
const PROXY_USER_WARNING = 'WARNING: User ID (UID) 1337 is reserved for the sidecar proxy.';

/** A description as `istioctl experimental describe` prints it. */
export function formatDescription(description: Description, defaultNamespace: string): Printable {
  const write: NameWriter = ({ name, namespace }) => (namespace === defaultNamespace ? name : `${name}.${namespace}`);
  return printedLines(linesOf(description, write));
}

function linesOf(description: Description, write: NameWriter): readonly string[] {
  const { services, ingress } = description;
  if (description.kind === 'Pod') {
    return [
      ...podLines(description, write),
      SEPARATOR,
      ...serviceLines(services, write),
      SEPARATOR,
      ...peerAuthenticationLines(description.peerAuthentication),
      ...ingressLines(ingress, write),
    ];
  }
  const { pods, podsInMesh, cluster, clusters = [] } = description;
  if (cluster !== undefined) {
    const { cluster: _, clusters: __, ...inCluster } = description;
    const counted = clusters.map((one) => `${one.cluster} (${one.podsInMesh} of ${one.pods} pods in the mesh)`);
    return [`Clusters: ${counted.join(', ')}; as in ${cluster}:`, ...linesOf(inCluster, write)];
  }
  if (pods === 0) return [`Service "${write(description)}" has no pods.`];
  if (podsInMesh === 0) return [`Service "${write(description)}" has no Istio pods.  (${pods} pods in service).`];
  return [...serviceLines(services, write), ...ingressLines(ingress, write)];
}

function podLines(pod: PodDescription, write: NameWriter): readonly string[] {
  const { ports, phase, revision, warnings, cluster } = pod;
  const name = write(pod);
  const warning = (kind: PodDescription['warnings'][number], line: string): readonly string[] =>
    warnings.includes(kind) ? [line] : [];
  return [
    ...warning('container-runs-as-proxy-user', PROXY_USER_WARNING),
    `Pod: ${name}`,
    ...(cluster === undefined ? [] : [`   Cluster: ${cluster}`]),
    `   Pod Revision: ${revision}`,
    ports.length > 0 ? `   Pod Ports: ${ports.map(containerPort).join(', ')}` : '   Pod does not expose ports',
    ...(pod.ambient === undefined ? [] : ambientLines(pod.ambient, write)),
    ...(phase === 'Running' ? [] : [`   Pod is not Running (${phase})`]),
    ...warning('not-ready', `WARNING: Pod ${name} NOT READY`),
    ...warning('no-sidecar', `WARNING: ${name} is not part of mesh; no Istio sidecar`),
    ...warning('pod-runs-as-proxy-user', `   ${PROXY_USER_WARNING}`),
    ...warning(
      'no-service',
      `Warning: No Kubernetes Services select pod ${name} (see https://istio.io/docs/setup/kubernetes/additional-setup/requirements/ )`,
    ),
  ];
}

/** istioctl knows nothing of ambient mode. */
function ambientLines(ambient: AmbientPod, write: NameWriter): readonly string[] {
  const list = (names: readonly NamespacedName[]): string => (names.length === 0 ? 'none' : names.map(write).join(', '));
  if (ambient.as === 'waypoint') {
    return [
      `   Waypoint for Services: ${list(ambient.services)}`,
      ...(ambient.workloads.length === 0 ? [] : [`   Waypoint for workloads: ${list(ambient.workloads)}`]),
    ];
  }
  const waypoint = ambient.waypoint === undefined ? [] : [`   Waypoint for calls to its address: ${write(ambient.waypoint)}`];
  if (ambient.as === 'sidecar') return ['   Ambient mode: its sidecar takes tunnels (HBONE)', ...waypoint];
  return ['   Ambient mode: captured by ztunnel', ...waypoint, `   Policies at ztunnel: ${list(ambient.policies)}`];
}

function containerPort({ port, protocol, container }: DescribedContainerPort): string {
  return `${port}${protocol === 'TCP' ? '' : `/${protocol}`} (${container})`;
}

function serviceLines(services: readonly DescribedService[], write: NameWriter): readonly string[] {
  return services.flatMap((service, index) => [
    ...(index > 0 ? [SEPARATOR] : []),
    `Service: ${write(service)}`,
    ...service.ports.flatMap(portLines),
    ...(service.waypoint === undefined ? [] : [`   Waypoint: ${write(service.waypoint)}`]),
    ...service.ports.flatMap((port) => configurationLines(port, service.ports.length > 1, write)),
  ]);
}

function portLines({ port, name, transport, protocol, target, podPort }: DescribedPort): readonly string[] {
  if (transport !== 'TCP') return [];
  if (podPort === undefined)
    return [`   WARNING: Port ${name} ${port} targets ${target}, and no container of the pod has a port of this name`];
  return [`   Port: ${name} ${port}/${protocol} targets pod port ${podPort}`];
}

function configurationLines(
  { port, configuration }: DescribedPort,
  isOneOfSeveral: boolean,
  write: NameWriter,
): readonly string[] {
  if (configuration === undefined) return [];
  const { destinationRule, virtualService, routesOf, policies } = configuration;
  return [
    ...(isOneOfSeveral ? [`${port}:`] : []),
    ...indent(isOneOfSeveral ? 3 : 0, [
      ...(destinationRule ? destinationRuleLines(destinationRule, write) : []),
      ...(virtualService ? virtualServiceLines(virtualService, write) : []),
      ...(routesOf ? [`Routes of ${routesOf.kind}: ${write(routesOf)}`] : []),
    ]),
    ...(policies.length > 0 ? [`${isOneOfSeveral ? `${port} ` : ''}RBAC policies: ${policies.join(', ')}`] : []),
  ];
}

function destinationRuleLines(rule: DescribedDestinationRule, write: NameWriter): readonly string[] {
  const { host, subsets, trafficPolicy } = rule;
  const { matching, others } = subsets;
  const policy =
    trafficPolicy === undefined
      ? ['No Traffic Policy']
      : [
          ...(trafficPolicy.tlsMode === undefined ? [] : [`Traffic Policy TLS Mode: ${trafficPolicy.tlsMode}`]),
          ...policyLines(trafficPolicy),
          ...(trafficPolicy.ports.length > 0 ? ['Port Level Settings:'] : []),
          ...trafficPolicy.ports.flatMap((port) => [
            ` ${port.port}:`,
            ...(port.tlsMode === undefined ? [] : [`   TLS Mode: ${port.tlsMode}`]),
            ...indent(3, policyLines(port)),
          ]),
        ];
  return [
    `DestinationRule: ${write(rule)} for "${host}"`,
    ...(matching.length === 0 && others.length > 0
      ? [`   WARNING POD DOES NOT MATCH ANY SUBSETS.  (Non matching subsets ${others.join(',')})`]
      : []),
    ...(matching.length + others.length > 0 ? [`   Matching subsets: ${matching.join(',')}`] : []),
    ...(others.length > 0 ? [`      (Non-matching subsets ${others.join(',')})`] : []),
    ...indent(3, policy),
  ];
}

const parts: Readonly<Record<PolicyPart, string>> = {
  loadBalancer: 'load balancer',
  connectionPool: 'connection pool',
  outlierDetection: 'outlier detection',
};

function policyLines({ sets }: DescribedTrafficPolicy): readonly string[] {
  return sets.length > 0 ? [`Policies: ${sets.map((part) => parts[part]).join('/')}`] : [];
}

function peerAuthenticationLines({ mode, ports, policies }: EffectivePeerAuthentication): readonly string[] {
  return [
    'Effective PeerAuthentication:',
    `   Workload mTLS mode: ${mode}`,
    ...(ports.length > 0 ? ['   Port Level mTLS mode:'] : []),
    ...ports.map((port) => `      ${port.port}: ${port.mode}`),
    ...(policies.length > 0
      ? ['Applied PeerAuthentication:', `   ${policies.map(({ name, namespace }) => `${name}.${namespace}`).join(', ')}`]
      : []),
  ];
}

function ingressLines({ gatewayPods, exposures }: Ingress, write: NameWriter): readonly string[] {
  if (gatewayPods === 0) return ['Skipping Gateway information (no ingress gateway pods)'];
  return exposures.flatMap((exposure) => exposureLines(exposure, write));
}

function exposureLines({ addresses, gateway, virtualService }: Exposure, write: NameWriter): readonly string[] {
  return [
    SEPARATOR,
    ...addresses.map((address) => `Exposed on Ingress Gateway ${urlOf(address)}`),
    `Gateway: ${write(gateway)} with hosts ${gateway.hosts.join(', ')}`,
    ...virtualServiceLines(virtualService, write),
  ];
}

function urlOf({ scheme, address, port }: ExposedAddress): string {
  return `${scheme}://${address === '' ? 'unknown' : address}${port === 80 ? '' : `:${port}`}`;
}

function indent(blanks: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${' '.repeat(blanks)}${line}`);
}
