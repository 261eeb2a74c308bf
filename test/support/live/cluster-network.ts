import { append } from '../../../src/util/collections.ts';
import { fieldsOf } from '../../../src/util/object.ts';

/** A pod as the nodes of its cluster know it. */
export interface LivePod {
  /** `cluster/namespace/name`. */
  readonly key: string;
  readonly cluster: string;
  readonly ip: string;
  readonly identity: string;
  readonly ports: readonly number[];
  /** Whether its traffic is led through its proxy, if it has one. */
  readonly isIntercepted: boolean;
}

/** Where the nodes of a cluster lead connections to an address and port of a Service. */
export interface ServiceAddress {
  readonly cluster: string;
  readonly ip: string;
  readonly port: number;
  /** Whether it is reached from everywhere. */
  readonly isExternal: boolean;
  readonly targets: readonly { readonly pod: LivePod; readonly port: number }[];
}

/** Pods and addresses of the clusters, as their manifests say. */
export interface ClusterNetwork {
  readonly pods: readonly LivePod[];
  readonly addresses: readonly ServiceAddress[];
}

/** What the kernel of nodes and pods is told of the manifests of each cluster; reads them by itself, since it is the judge. */
export function clusterNetworkOf(manifests: ReadonlyMap<string, readonly unknown[]>): ClusterNetwork {
  const pods: LivePod[] = [];
  const addresses: ServiceAddress[] = [];
  for (const [cluster, documents] of manifests) {
    const resources = documents.map(fieldsOf);
    const trustDomain = trustDomainOf(resources);
    const labelled = resources.flatMap((resource) => {
      if (resource.kind !== 'Pod') return [];
      const pod = livePod(cluster, trustDomain, resource);
      pods.push(pod);
      return [{ pod, resource }];
    });
    for (const service of resources.filter(({ kind }) => kind === 'Service')) {
      addresses.push(...addressesOf(cluster, service, labelled));
    }
  }
  return { pods, addresses };
}

/** The trust domain that the istiod of a cluster signs certificates of. */
function trustDomainOf(resources: readonly Readonly<Record<string, unknown>>[]): string {
  const config = resources.find(({ kind, metadata }) => kind === 'ConfigMap' && fieldsOf(metadata).name === 'istio');
  return /^trustDomain: *(\S+)/m.exec(String(fieldsOf(config?.data).mesh))?.[1] ?? 'cluster.local';
}

function livePod(cluster: string, trustDomain: string, resource: Readonly<Record<string, unknown>>): LivePod {
  const { namespace, name, annotations } = fieldsOf(resource.metadata);
  const { serviceAccountName = 'default' } = fieldsOf(resource.spec);
  const ports = portsOf(resource).map(({ containerPort }) => Number(containerPort));
  return {
    key: `${cluster}/${namespace}/${name}`,
    cluster,
    ip: String(fieldsOf(resource.status).podIP),
    identity: `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccountName}`,
    ports: ports.length > 0 ? ports : [8080],
    isIntercepted: fieldsOf(annotations)['inject.istio.io/templates'] !== 'gateway',
  };
}

interface LabelledPod {
  readonly pod: LivePod;
  readonly resource: Readonly<Record<string, unknown>>;
}

function addressesOf(
  cluster: string,
  service: Readonly<Record<string, unknown>>,
  pods: readonly LabelledPod[],
): ServiceAddress[] {
  const { clusterIP, selector, ports } = fieldsOf(service.spec);
  const { namespace } = fieldsOf(service.metadata);
  const wanted = Object.entries(fieldsOf(selector));
  const chosen = pods.filter(({ resource }) => {
    const { namespace: own, labels } = fieldsOf(resource.metadata);
    return own === namespace && wanted.length > 0 && wanted.every(([name, value]) => fieldsOf(labels)[name] === value);
  });
  const balancers = listOf(fieldsOf(fieldsOf(service.status).loadBalancer).ingress).map(({ ip }) => ip);
  const all: [unknown, boolean][] = [[clusterIP, false], ...balancers.map((ip): [unknown, boolean] => [ip, true])];
  return all.flatMap(([ip, isExternal]) =>
    typeof ip !== 'string' || ip === 'None'
      ? []
      : listOf(ports).map(({ port, targetPort = port }) => ({
          cluster,
          ip,
          port: Number(port),
          isExternal,
          targets: chosen.map(({ pod, resource }) => ({ pod, port: targetOf(targetPort, resource) })),
        })),
  );
}

function targetOf(target: unknown, pod: Readonly<Record<string, unknown>>): number {
  return typeof target === 'number' ? target : Number(portsOf(pod).find(({ name }) => name === target)?.containerPort);
}

function portsOf(pod: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  return listOf(fieldsOf(pod.spec).containers).flatMap(({ ports }) => listOf(ports));
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The rules of the nodes of a cluster, for iptables-restore: addresses of Services lead to their pods, and who leaves gets the node's address. */
export function nodeRules(cluster: string, { addresses }: ClusterNetwork, uplink: string): string {
  const rules = addresses
    .filter((address) => address.cluster === cluster)
    .flatMap(({ ip, port, targets }) =>
      targets.map((target, index) => {
        const chance = ['-m', 'statistic', '--mode', 'random', '--probability', String(1 / (targets.length - index))];
        const to = ['-j', 'DNAT', '--to-destination', `${target.pod.ip}:${target.port}`];
        return [
          '-A',
          'PREROUTING',
          '-d',
          `${ip}/32`,
          '-p',
          'tcp',
          '--dport',
          port,
          ...(index + 1 < targets.length ? chance : []),
          ...to,
        ].join(' ');
      }),
    );
  return tableOfRules([...rules, `-A POSTROUTING -o ${uplink} -j MASQUERADE`]);
}

/** The rules of an injected pod: what leaves goes to its proxy, and what comes, but for ports that the proxy itself serves. */
export function interceptionRules(user: number): string {
  const toItself = '-A OUTPUT -p tcp -o lo ! -d 127.0.0.1/32';
  return tableOfRules([
    '-A OUTPUT -p tcp -o lo -s 127.0.0.6/32 -j RETURN',
    `${toItself} -m owner --uid-owner ${user} -j REDIRECT --to-ports 15006`,
    `-A OUTPUT -p tcp -o lo -m owner ! --uid-owner ${user} -j RETURN`,
    `-A OUTPUT -p tcp -m owner --uid-owner ${user} -j RETURN`,
    '-A OUTPUT -p tcp -d 127.0.0.1/32 -j RETURN',
    '-A OUTPUT -p tcp -j REDIRECT --to-ports 15001',
    '-A PREROUTING -p tcp -m multiport --dports 15008,15020,15021,15090 -j RETURN',
    '-A PREROUTING -p tcp -j REDIRECT --to-ports 15006',
  ]);
}

function tableOfRules(rules: readonly string[]): string {
  return ['*nat', ...rules, 'COMMIT', ''].join('\n');
}

/** The pods that a connection to an address may come to from a cluster, or from outside of all. */
export function podsBehind(
  { pods, addresses }: ClusterNetwork,
  ip: string,
  port: number,
  cluster: string | undefined,
): readonly LivePod[] {
  const own = pods.filter((pod) => pod.cluster === cluster && pod.ip === ip);
  if (own.length > 0) return own;
  const led = addresses.find(
    (address) => address.ip === ip && address.port === port && (address.isExternal || address.cluster === cluster),
  );
  return led?.targets.map(({ pod }) => pod) ?? [];
}

/** The addresses that lead into each cluster from outside. */
export function externalAddresses({ addresses }: ClusterNetwork): ReadonlyMap<string, readonly string[]> {
  const byCluster = new Map<string, string[]>();
  for (const { cluster, ip, isExternal } of addresses) if (isExternal) append(byCluster, cluster, ip);
  return byCluster;
}

/** Where a client outside finds a port of a pod: at a load balancer that leads there. */
export function balancerOf({ addresses }: ClusterNetwork, key: string, port: number): ServiceAddress | undefined {
  return addresses.find(
    ({ isExternal, targets }) => isExternal && targets.some((target) => target.pod.key === key && target.port === port),
  );
}
