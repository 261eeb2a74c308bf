import type { Session } from '../compile/session.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import type { Workload } from '../model/registry/service.ts';
import { spiffeIdentity } from '../model/security/spiffe.ts';
import { hasConnectionRoutes } from '../model/traffic/connection-routes.ts';
import type { Resource } from '../resource/resource.ts';
import { createBalancer } from '../trace/balance.ts';
import { type DataPlane, indexPods, type NetworkPlace, podKey } from '../trace/data-plane.ts';
import { interceptionOf } from '../trace/interception.ts';
import { createLookups } from '../trace/lookups.ts';
import type { TracePod } from '../trace/pod.ts';
import { indexDirectory } from '../trace/ztunnel/directory.ts';
import { type Again, afresh } from '../util/again.ts';
import { append } from '../util/collections.ts';
import { parseGoBoolean } from '../util/go-boolean.ts';
import { isIpv6Text } from '../util/ip-address.ts';
import { memo, numbering } from '../util/memo.ts';
import { compact, own } from '../util/object.ts';
import { compareText } from '../util/text.ts';
import { serviceNames } from './addresses.ts';
import { createAddressKinds } from './named-addresses.ts';
import { createSecretStates } from './secrets.ts';
import { createServicePlaces } from './service-places.ts';

/** What is known of the data plane beside the manifests. */
export interface DataPlaneOptions {
  readonly servers: DataPlane['servers'];
  readonly now: number;
  /** Further ports (or Unix sockets) that pods listen on, by `namespace/name`. */
  readonly listening?: Readonly<Record<string, readonly (number | string)[]>>;
  /** Addresses by host name. */
  readonly dns?: Readonly<Record<string, string>>;
  /** Pods by further addresses of theirs. */
  readonly addresses?: Readonly<Record<string, string>>;
}

/**
 * The pods of a mesh with the configuration of their proxies, compiled when first asked for, unless `snapshotOf` has them by
 * `namespace/name`. Names and addresses of Services mean what Kubernetes knows (`local`).
 */
export function createDataPlane(
  session: Session,
  options: DataPlaneOptions,
  snapshotOf: (proxy: string) => XdsSnapshot | undefined = compilerOf(session),
  local: () => Mesh = () => session.mesh,
  again: Again = afresh,
): DataPlane {
  const { mesh } = session;
  const unchanged = placesAgain(session, options, local, again);
  return {
    ...unchanged,
    ...(again !== afresh && { unchanged }),
    lookups: createLookups(),
    now: options.now,
    secret: createSecretStates(mesh),
    snapshotOf: (pod) => snapshotOf(podKey(pod)),
  };
}

/** What a data plane has that is no configuration of a proxy. */
type Places = Omit<DataPlane, 'lookups' | 'now' | 'secret' | 'snapshotOf' | 'unchanged'>;

/** What pods, names and addresses are made of. */
type PlacesSource = Pick<Mesh, 'registry' | 'proxies' | 'config' | 'domainSuffix' | 'resources'>;

/** The same places as those of an earlier state of the mesh, where they are made of the same. */
function placesAgain(session: Session, options: DataPlaneOptions, local: () => Mesh, again: Again): Places {
  const { mesh } = session;
  const { servers, listening, dns, addresses } = options;
  if (again === afresh || local() !== mesh) return createPlaces(mesh, options, local, session.ztunnel());
  const { registry, proxies, config, domainSuffix, ambient } = mesh;
  const source: PlacesSource = { registry, proxies, config, domainSuffix, resources: mesh.resources.filter(mayTellOfPlaces) };
  const told = JSON.stringify([listening, dns, addresses]);
  const inputs = [registry, proxies, config, domainSuffix, source.resources, ambient, servers, told];
  return again('places of the data plane', inputs, () => createPlaces(source, options, () => source, session.ztunnel()));
}

/** Whether a resource may say something of pods and addresses: rules for clients and routes of HTTP do not. */
function mayTellOfPlaces(resource: Resource): boolean {
  return resource.kind !== 'DestinationRule' && (resource.kind !== 'VirtualService' || hasConnectionRoutes(resource));
}

function createPlaces(
  mesh: PlacesSource,
  options: DataPlaneOptions,
  local: () => PlacesSource,
  sent: ReturnType<Session['ztunnel']>,
): Places {
  const dns = new Map(Object.entries(options.dns ?? {}));
  const names = memo(() => serviceNames(local()));
  const serviceAt = memo(() => createServicePlaces(local(), places.podByAddress));
  const places = {
    ...indexPods(podsOf(mesh, options)),
    dns,
    resolve: (name: string) => dns.get(name) ?? names().get(name),
    names: memo(() => [...dns.keys(), ...names().keys()]),
    servers: options.servers,
  };
  return {
    ...places,
    ztunnel: sent && indexDirectory(sent),
    balancer: createBalancer(places),
    serviceAt: (destination) => serviceAt()(destination),
  };
}

/** The pods of a mesh; of one over several clusters those of these, which have the cluster in their names then. */
export function podsOf(mesh: PlacesSource, options: DataPlaneOptions, clusters?: readonly string[]): readonly TracePod[] {
  const proxies = new Map(mesh.proxies.map((proxy) => [podKey(proxy), proxy]));
  const furtherAddresses = new Map<string, string[]>();
  for (const [ip, pod] of Object.entries(options.addresses ?? {})) append(furtherAddresses, pod, ip);
  // What is known of a pod that serves many ports is long.
  const kins = numbering();
  const workloads = mesh.registry.workloads.filter(
    ({ kind, clusterId }) => kind === 'Pod' && clusters?.includes(clusterId) !== false,
  );
  const interceptions = memo(({ annotations }: Workload) => interceptionOf(annotations));
  const addressKind = createAddressKinds(mesh, workloads.map(interceptions));
  const toPod = (workload: Workload): TracePod => {
    const place: NetworkPlace = clusters === undefined ? {} : { cluster: workload.clusterId, network: workload.network };
    const key = podKey({ ...workload, ...place });
    const proxy = proxies.get(key);
    const extra = own(options.listening, key) ?? [];
    const ports = [...workload.containerPorts.map(({ port }) => port), ...extra.filter((place) => typeof place === 'number')];
    const addresses = furtherAddresses.get(key) ?? [];
    const pod: Omit<TracePod, 'kin'> = {
      ...place,
      name: workload.name,
      namespace: workload.namespace,
      ips: [...workload.ips, ...addresses],
      ports: ports.length === 0 ? options.servers.defaultPorts : ports,
      sockets: extra.filter((place) => typeof place === 'string'),
      identity: spiffeIdentity(mesh.config.trustDomain ?? mesh.domainSuffix, workload.namespace, workload.serviceAccount),
      proxy: proxy === undefined ? 'none' : proxy.role,
      isIntercepted: proxy !== undefined && proxy.interceptionMode !== 'NONE',
      isIpv6Intercepted: proxy !== undefined && isIpv6Redirected(proxy),
      ...compact({ interception: proxy?.role === 'sidecar' ? interceptions(workload) : undefined }),
      workloadName: workload.workloadName,
      ...(workload.nodeName !== '' && { nodeName: workload.nodeName }),
    };
    const kin = `${kins(kinOf(pod, workload, proxy, workload.ips.map(addressKind)))}`;
    return { ...pod, kin: place.cluster === undefined ? kin : `${place.cluster} ${kin}` };
  };
  return workloads.map(toPod);
}

/**
 * Whether the rules of a sidecar redirect connections over IPv6: they do by the first address of the pod or, where its agent is told to serve
 * both families, for any. As istio tools/common/config getLocalIP, by which tools/istio-iptables makes rules for IPv6.
 */
function isIpv6Redirected({ ips, proxyConfig: { proxyMetadata = {} } }: Proxy): boolean {
  const servesBoth = parseGoBoolean(proxyMetadata.ISTIO_DUAL_STACK ?? '') === true;
  return (servesBoth ? ips : ips.slice(0, 1)).some(isIpv6Text);
}

/** All that tells what a pod and its proxy do, and nothing that tells it from others of its workload. */
function kinOf(
  pod: Omit<TracePod, 'kin'>,
  { labels, annotations, locality, network }: Workload,
  proxy: Proxy | undefined,
  addressKinds: readonly string[],
): string {
  const { name: _, ips: __, workloadName: ___, nodeName: ____, ...facts } = pod;
  const serves = proxy?.targets.map(({ service, port, targetPort }) => [
    service.hostname,
    service.namespace,
    port.port,
    targetPort,
  ]);
  return JSON.stringify([
    ...[facts, sorted(labels), sorted(annotations), locality, network, serves, proxy?.istioVersion],
    addressKinds,
  ]);
}

function sorted(texts: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(texts).sort(([a], [b]) => compareText(a, b));
}

/** Compiles proxies, `namespace/name`, each when it is first asked for; undefined where there is no such proxy. */
export function compilerOf({ mesh, compile }: Session): (proxy: string) => XdsSnapshot | undefined {
  const proxies = new Map(mesh.proxies.map((proxy) => [podKey(proxy), proxy]));
  return memo((key: string) => {
    const proxy = proxies.get(key);
    return proxy && compile(proxy);
  });
}
