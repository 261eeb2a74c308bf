import ipaddr from 'ipaddr.js';
import type {
  BalancingMessage,
  GatewayMessage,
  GroupMessage,
  MatchMessage,
  NetworkAddressMessage,
  PolicyMessage,
  PortMessage,
  RangeMessage,
  ServiceMessage,
  WorkloadMessage,
  ZtunnelMessages,
} from '../../envoy/ztunnel.ts';
import type { Ambient } from '../../model/ambient/ambient.ts';
import type { AddressMatch, Authorization, ConnectionMatch } from '../../model/ambient/authorizations.ts';
import { placeOfGateway, type TunnelledWorkload } from '../../model/ambient/networks.ts';
import type { TunnelledService, ZtunnelBalancing } from '../../model/ambient/services.ts';
import type { ApplicationTunnel, WaypointAddress } from '../../model/ambient/waypoints.ts';
import type { WorkloadPort } from '../../model/ambient/workloads.ts';
import type { Protocol } from '../../model/protocol.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import { nonEmpty } from '../../util/object.ts';
import { listWithOrigin, withOrigin } from '../../util/origin.ts';

/** What istiod sends to every ztunnel. */
export function ztunnelMessages({ services, workloads, authorizations, trustDomain, network }: Ambient): ZtunnelMessages {
  return {
    addresses: [
      ...services.map((service) => ({ service: withOrigin(serviceMessage(service, network), service.resource) })),
      ...workloads.map((workload) => ({
        workload: withOrigin(workloadMessage(workload, network, trustDomain), workload.resource),
      })),
    ],
    policies: authorizations.map(authorizationMessage),
  };
}

/** Each field of a message, with what it is set to. */
type FieldsOf<T> = { readonly [K in keyof T]: T[K] | undefined };

/** The fields of a message that have values; empty texts, zeros and empty lists are not written. */
function message<T extends object>(fields: FieldsOf<T>): T {
  const isZero = (value: unknown): boolean =>
    value === undefined || value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isZero(value))) as T;
}

/** The bytes of an address in base64. */
function bytesOf(address: string): string {
  return Buffer.from(ipaddr.parse(address).toByteArray()).toString('base64');
}

function networkAddress(text: string, network: string): NetworkAddressMessage {
  const [address = '', length] = text.split('/');
  return message<NetworkAddressMessage>({
    network,
    address: bytesOf(address),
    length: length === undefined ? undefined : Number(length),
  });
}

function gatewayMessage(address: WaypointAddress, network: string, hboneMtlsPort: number): GatewayMessage {
  return 'hostname' in address
    ? { hostname: { namespace: address.namespace, hostname: address.hostname }, hboneMtlsPort }
    : { address: networkAddress(address.address, network), hboneMtlsPort };
}

/** As toAppProtocolFromProtocol. */
const appProtocols: Partial<Readonly<Record<Protocol, string>>> = {
  HTTP: 'HTTP11',
  HTTP2: 'HTTP2',
  GRPC: 'GRPC',
  TLS: 'TLS',
  HTTPS: 'TLS',
  TCP: 'TCP',
};

function serviceMessage(service: TunnelledService, network: string): ServiceMessage {
  const { binding, balancing } = service;
  return message<ServiceMessage>({
    name: service.name,
    namespace: service.namespace,
    hostname: service.hostname,
    addresses: service.addresses.map((address) => networkAddress(address, network)),
    ports: service.ports.map(portMessage),
    subjectAltNames: service.subjectAltNames,
    waypoint: binding.waypoint && gatewayMessage(binding.waypoint.address, network, HBONE_PORT),
    loadBalancing: balancing && balancingMessage(balancing),
    ipFamilies: service.ipFamilies,
    canonical: service.canonical,
    ingressUseWaypoint: service.ingressUsesWaypoint,
  });
}

function portMessage({ servicePort, targetPort, protocol }: WorkloadPort): PortMessage {
  return message<PortMessage>({ servicePort, targetPort, appProtocol: protocol && appProtocols[protocol] });
}

function balancingMessage({ mode, preference = [], allowsAll }: ZtunnelBalancing): BalancingMessage {
  return message<BalancingMessage>({
    routingPreference: preference,
    mode,
    healthPolicy: allowsAll === true ? 'ALLOW_ALL' : undefined,
  });
}

function workloadMessage(workload: TunnelledWorkload, network: string, trustDomain: string): WorkloadMessage {
  const { tunnel, locality, canonical, applicationTunnel, networkGateway } = workload;
  return message<WorkloadMessage>({
    uid: workload.uid,
    name: workload.name,
    namespace: workload.namespace,
    addresses: workload.addresses.map(bytesOf),
    hostname: workload.hostname,
    network: workload.network,
    tunnelProtocol: tunnel === 'none' ? undefined : 'HBONE',
    trustDomain,
    serviceAccount: workload.serviceAccount,
    networkGateway: networkGateway && gatewayMessage(placeOfGateway(networkGateway), networkGateway.network, networkGateway.port),
    waypoint: workload.waypoint && gatewayMessage(workload.waypoint.address, network, HBONE_PORT),
    node: workload.node,
    canonicalName: canonical?.name,
    canonicalRevision: canonical?.revision,
    // Only what belongs to somebody has a type.
    workloadType: canonical === undefined && workload.standsFor !== 'service' ? undefined : 'POD',
    workloadName: workload.workloadName,
    nativeTunnel: tunnel === 'proxy',
    applicationTunnel: applicationTunnel && applicationTunnelMessage(applicationTunnel),
    services: workload.services.size === 0 ? undefined : servicesMessage(workload.services),
    authorizationPolicies: listWithOrigin(workload.policies, workload.mutualTls, ['spec']),
    status: workload.isHealthy ? undefined : 'UNHEALTHY',
    clusterId: workload.clusterId,
    locality: locality && message<NonNullable<WorkloadMessage['locality']>>({ ...locality }),
    networkMode: workload.sharesAddress ? 'HOST_NETWORK' : undefined,
    capacity: workload.weight,
  });
}

function servicesMessage(services: TunnelledWorkload['services']): NonNullable<WorkloadMessage['services']> {
  return Object.fromEntries([...services].map(([host, ports]) => [host, message({ ports: ports.map(portMessage) })]));
}

function applicationTunnelMessage({ protocol, port }: ApplicationTunnel): NonNullable<WorkloadMessage['applicationTunnel']> {
  return message({ protocol: protocol === 'NONE' ? undefined : protocol, port });
}

function authorizationMessage({
  name,
  namespace,
  scope,
  action,
  groups,
  dryRun,
  resource,
  rules = [],
}: Authorization): PolicyMessage {
  const pathOf = (rule: number | undefined) => (rule === undefined ? ['spec'] : ['spec', 'rules', rule]);
  const fields = message<PolicyMessage>({
    name,
    namespace,
    scope: scope === 'GLOBAL' ? undefined : scope,
    action: action === 'ALLOW' ? undefined : action,
    dryRun,
    groups: groups.map((group, index) =>
      withOrigin(
        message<GroupMessage>({ rules: group.map((matches) => message({ matches: matches.map(matchMessage) })) }),
        resource,
        pathOf(rules[index]),
      ),
    ),
  });
  return withOrigin(fields, resource, ['spec']);
}

function matchMessage(match: ConnectionMatch): MatchMessage {
  const ranges = (list: readonly AddressMatch[] | undefined) =>
    nonEmpty(list?.map(({ address, length }) => message<RangeMessage>({ address: bytesOf(address), length })));
  return message<MatchMessage>({
    ...match,
    sourceIps: ranges(match.sourceIps),
    notSourceIps: ranges(match.notSourceIps),
    destinationIps: ranges(match.destinationIps),
    notDestinationIps: ranges(match.notDestinationIps),
  });
}
