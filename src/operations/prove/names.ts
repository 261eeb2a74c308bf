import { isAny } from '../../envoy/any.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { type DataPlane, podAt, podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { addressesWithin, parseCidr } from '../../util/cidr.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { memo } from '../../util/memo.ts';
import { unknownAddress } from '../../workbench/addresses.ts';
import { podNamedBy } from '../../workbench/pods.ts';
import type { Workbench } from '../../workbench/workbench.ts';

/** A server of a service: a pod as `namespace/name`, any other by its address; and its port. */
export interface NamedServer {
  readonly server: string;
  readonly at: number;
}

/** What statements can name in a mesh. Of spellings, by each what it stands for. */
export interface StatementNames {
  readonly pods: readonly TracePod[];
  readonly namespaces: ReadonlySet<string>;
  /** The pods of the workload of a name; none where there is no such workload. */
  podsOf(name: string): readonly TracePod[];
  workloadSpellings(): ReadonlyMap<string, string>;
  gatewaySpellings(): ReadonlyMap<string, string>;
  /** The services of a name. */
  servicesOf(name: string): readonly Service[];
  serviceSpellings(): ReadonlyMap<string, string>;
  endpointsOf(service: Service, port: ServicePort): readonly NamedServer[];
  /** Whether clients choose the server of a service themselves, so that others than its endpoints may be one. */
  isOpen(service: Service): boolean;
  /** Issuers of tokens that the mesh knows. */
  issuers(): readonly string[];
}

/** What statements can name in a mesh. */
export function createNames({ mesh, input }: Workbench, dataPlane: DataPlane): StatementNames {
  const { registry } = mesh;
  const pods = dataPlane.pods.filter(({ proxy }) => proxy !== 'waypoint');
  const issuers = memo(() => issuersOf(dataPlane));
  return {
    pods,
    namespaces: new Set([
      ...pods.map(({ namespace }) => namespace),
      ...mesh.resources.map((resource) => (resource.kind === 'Namespace' ? resource.name : resource.namespace)),
    ]),
    podsOf(name) {
      const found = podNamedBy(name, pods, input.namespace);
      if (found === undefined) return [];
      return pods.filter(({ namespace, workloadName }) => namespace === found.namespace && workloadName === found.workloadName);
    },
    workloadSpellings: () => spellingsOf(pods),
    gatewaySpellings: () => spellingsOf(pods.filter(({ proxy }) => proxy === 'gateway')),
    servicesOf(name) {
      const [first = '', second] = name.split('/');
      const is = (one: string, namespace: string): readonly Service[] =>
        registry.services.filter((service) => service.name === one && service.namespace === namespace);
      if (second !== undefined) return is(second, first);
      const ofHost = registry.servicesOf(name);
      if (ofHost.length > 0) return ofHost;
      const dot = name.lastIndexOf('.');
      const own = is(name, input.namespace);
      return own.length > 0 || dot < 1 ? own : is(name.slice(0, dot), name.slice(dot + 1));
    },
    serviceSpellings() {
      return new Map(
        registry.services.flatMap(({ name, namespace, hostname, registry: of }): readonly (readonly [string, string])[] => {
          if (of !== 'Kubernetes') return [[hostname, hostname]];
          const full = `${namespace}/${name}`;
          return [full, `${name}.${namespace}`, name].map((spelling) => [spelling, full] as const);
        }),
      );
    },
    endpointsOf: (service, port) =>
      [
        ...registry.endpointsOf(service, port).map(({ address, port: at }) => ({ address, at })),
        ...ownServers(service, port),
      ].map(({ address, at }) => {
        const pod = podAt(dataPlane, address);
        return { server: pod === undefined ? formatHostPort(address, at) : podKey(pod), at };
      }),
    isOpen: (service) =>
      service.resolution === 'dynamicDns' ||
      service.resolution === 'alias' ||
      (isWithoutResolution(service) && (service.addresses.length === 0 || service.addresses.some((ip) => ip.includes('/')))),
    issuers,
  };
}

function isWithoutResolution({ registry, resolution }: Service): boolean {
  return registry === 'External' && resolution === 'passthrough';
}

/** The servers of a service without resolution, which are where its clients go: at its addresses, of a range at one; else anywhere. */
function ownServers(service: Service, { port }: ServicePort): readonly { readonly address: string; readonly at: number }[] {
  if (!isWithoutResolution(service)) return [];
  const addresses = service.addresses.length === 0 ? [unknownAddress(undefined)] : service.addresses;
  const ports = [...new Set([port, service.passthroughTargetPorts.get(port) ?? port])];
  return addresses.flatMap((text) => {
    const range = parseCidr(text);
    const [address] = range === undefined ? [] : addressesWithin(range, 2);
    return address === undefined ? [] : ports.map((at) => ({ address, at }));
  });
}

function spellingsOf(pods: readonly TracePod[]): ReadonlyMap<string, string> {
  return new Map(
    pods.flatMap(({ namespace, workloadName }) => {
      const full = `${namespace}/${workloadName}`;
      return [full, `${workloadName}.${namespace}`, workloadName].map((spelling) => [spelling, full] as const);
    }),
  );
}

/** The issuers whose tokens some proxy checks. */
function issuersOf(dataPlane: DataPlane): readonly string[] {
  const issuers = new Set<string>();
  for (const pod of dataPlane.pods) {
    for (const listener of dataPlane.snapshotOf(pod)?.listeners ?? []) {
      for (const { filters = [] } of chainsOf(listener)) {
        for (const { typedConfig } of filters) {
          if (!isAny(typedConfig, HCM)) continue;
          for (const { typedConfig: config } of typedConfig.httpFilters ?? []) {
            if (!isAny(config, JWT)) continue;
            for (const { issuer } of Object.values(config.providers ?? {})) if (issuer !== undefined) issuers.add(issuer);
          }
        }
      }
    }
  }
  return [...issuers].sort();
}

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const JWT = 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
