import type { Ambient } from '../../model/ambient/ambient.ts';
import type { AddressMatch, Authorization, ConnectionMatch, TextMatch } from '../../model/ambient/authorizations.ts';
import { placeOfGateway, type TunnelledWorkload } from '../../model/ambient/networks.ts';
import type { TunnelledService, ZtunnelBalancing } from '../../model/ambient/services.ts';
import type { WaypointAddress } from '../../model/ambient/waypoints.ts';
import { compact, type Fields, nonEmpty } from '../../util/object.ts';

/**
 * What a ztunnel of the mesh would answer to `/config_dump` once istiod has told it everything.
 * Certificates and connections come with running pods. As ztunnel writes it, which is neither protobuf JSON nor istioctl's order.
 */
export function ztunnelDump(ambient: Ambient): Fields {
  const { network } = ambient;
  return {
    workloads: ambient.workloads.map((workload) => workloadFields(workload, network, ambient)),
    services: ambient.services.map((service) => serviceFields(service, network, ambient)),
    policies: ambient.authorizations.map(policyFields),
    certificates: [],
    workloadState: {},
  };
}

function destination(address: WaypointAddress, network: string): { readonly destination: string } {
  return {
    destination: 'hostname' in address ? `${address.namespace}/${address.hostname}` : `${network}/${address.address}`,
  };
}

function workloadFields(workload: TunnelledWorkload, network: string, { trustDomain }: Ambient): Fields {
  const { tunnel, locality, canonical, applicationTunnel, networkGateway } = workload;
  return compact({
    uid: workload.uid,
    workloadIps: workload.addresses,
    waypoint: workload.waypoint && destination(workload.waypoint.address, network),
    networkGateway: networkGateway && destination(placeOfGateway(networkGateway), networkGateway.network),
    protocol: tunnel === 'none' ? 'TCP' : 'HBONE',
    name: workload.name,
    namespace: workload.namespace,
    serviceAccount: workload.serviceAccount || 'default',
    workloadName: workload.workloadName,
    workloadType: 'pod',
    canonicalName: canonical?.name ?? '',
    canonicalRevision: canonical?.revision ?? '',
    // What is in no cluster, ztunnel takes to be in the usual one.
    clusterId: workload.clusterId || 'Kubernetes',
    trustDomain: trustDomain || 'cluster.local',
    locality: locality && compact({ region: text(locality.region), zone: text(locality.zone), subzone: text(locality.subzone) }),
    node: workload.node,
    network: text(workload.network),
    networkMode: workload.sharesAddress ? 'HostNetwork' : undefined,
    nativeTunnel: tunnel === 'proxy' ? true : undefined,
    status: workload.isHealthy ? 'Healthy' : 'Unhealthy',
    hostname: workload.hostname ?? '',
    capacity: workload.weight || 1,
    applicationTunnel:
      applicationTunnel?.protocol === 'PROXY'
        ? compact({ protocol: 'PROXY', port: applicationTunnel.port || undefined })
        : undefined,
    authorizationPolicies: nonEmpty(workload.policies),
  });
}

function text(value: string): string | undefined {
  return value === '' ? undefined : value;
}

const families = { IPV4_ONLY: 'IPv4', IPV6_ONLY: 'IPv6', DUAL: 'Dual' } as const;

function serviceFields(service: TunnelledService, network: string, ambient: Ambient): Fields {
  const { addresses, balancing, ipFamilies } = service;
  const ranges = addresses.filter((address) => address.includes('/'));
  return compact({
    name: service.name,
    namespace: service.namespace,
    hostname: service.hostname,
    vips: addresses.filter((address) => !address.includes('/')).map((address) => `${network}/${address}`),
    cidrVips: nonEmpty(ranges.map((cidr) => ({ cidr, network }))),
    ports: Object.fromEntries(service.ports.map(({ servicePort, targetPort }) => [servicePort, targetPort])),
    endpoints: Object.fromEntries(endpointsOf(service, ambient)),
    subjectAltNames: service.subjectAltNames,
    waypoint: service.binding.waypoint && destination(service.binding.waypoint.address, network),
    loadBalancer: balancing && balancerFields(balancing),
    ipFamilies: ipFamilies === undefined ? '' : families[ipFamilies],
    canonical: service.canonical || undefined,
  });
}

/** Workloads that are not healthy are endpoints only of services that take all. As ztunnel state/service.rs should_include_endpoint. */
function endpointsOf({ namespace, hostname, balancing }: TunnelledService, { workloads }: Ambient): readonly [string, Fields][] {
  const key = `${namespace}/${hostname}`;
  return workloads.flatMap((workload): [string, Fields][] => {
    const ports = workload.services.get(key);
    if (ports === undefined || !(workload.isHealthy || balancing?.allowsAll === true)) return [];
    const [address] = workload.addresses;
    const place = address === undefined ? undefined : `${workload.network}/${address}`;
    const port = Object.fromEntries(ports.map(({ servicePort, targetPort }) => [servicePort, targetPort]));
    return [[`${workload.uid}:${place ?? '/'}`, compact({ workloadUid: workload.uid, service: key, address: place, port })]];
  });
}

const modes = { STRICT: 'Strict', FAILOVER: 'Failover', PASSTHROUGH: 'Passthrough' } as const;

function balancerFields({ mode, preference = [], allowsAll }: ZtunnelBalancing): Fields {
  return {
    routingPreferences: preference.map((level) => level.charAt(0) + level.slice(1).toLowerCase()),
    mode: mode === undefined ? 'Unspecified_mode' : modes[mode],
    healthPolicy: allowsAll === true ? 'AllowAll' : 'OnlyHealthy',
  };
}

const scopes = { GLOBAL: 'Global', NAMESPACE: 'Namespace', WORKLOAD_SELECTOR: 'WorkloadSelector' } as const;

function policyFields({ name, namespace, scope, action, groups }: Authorization): Fields {
  return {
    name,
    namespace,
    scope: scopes[scope],
    action: action === 'ALLOW' ? 'Allow' : 'Deny',
    rules: groups.map((rules) => rules.map((matches) => matches.map(matchFields))),
  };
}

function matchFields(match: ConnectionMatch): Fields {
  return compact({
    namespaces: texts(match.namespaces),
    notNamespaces: texts(match.notNamespaces),
    principals: texts(match.principals),
    notPrincipals: texts(match.notPrincipals),
    sourceIps: ranges(match.sourceIps),
    notSourceIps: ranges(match.notSourceIps),
    destinationIps: ranges(match.destinationIps),
    notDestinationIps: ranges(match.notDestinationIps),
    destinationPorts: nonEmpty(match.destinationPorts),
    notDestinationPorts: nonEmpty(match.notDestinationPorts),
    serviceAccounts: nonEmpty(match.serviceAccounts),
    notServiceAccounts: nonEmpty(match.notServiceAccounts),
  });
}

function texts(list: readonly TextMatch[] | undefined): readonly Fields[] | undefined {
  return nonEmpty(
    list?.map((match) => {
      if ('exact' in match) return { Exact: match.exact };
      if ('prefix' in match) return { Prefix: match.prefix };
      return 'suffix' in match ? { Suffix: match.suffix } : { Presence: match.presence };
    }),
  );
}

function ranges(list: readonly AddressMatch[] | undefined): readonly string[] | undefined {
  return nonEmpty(list?.map(({ address, length }) => `${address}/${length}`));
}
