import { compact, type Fields, fieldsOf, isObject, own } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';

/** A workload of a dump; fields as istioctl's ZtunnelWorkload, in its order. */
export interface ZtunnelWorkload {
  readonly uid: string;
  readonly workloadIps: readonly string[] | null;
  readonly waypoint: { readonly destination: string } | undefined;
  readonly protocol: string;
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly status: string;
  readonly hostname: string;
}

/** A service of a dump. */
export interface ZtunnelService {
  readonly name: string;
  readonly namespace: string;
  readonly hostname: string;
  readonly vips: readonly string[] | null;
  readonly waypoint: { readonly destination: string } | undefined;
  /** By workload and address. */
  readonly endpoints: Readonly<Record<string, { readonly workloadUid: string } | null>> | null;
}

/** A policy of a dump. */
export interface ZtunnelPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly scope: string;
  readonly action: string;
}

/** A certificate of a chain. */
export interface ZtunnelCertificate {
  readonly pem: string;
  readonly serialNumber: string;
  readonly validFrom: string;
  readonly expirationTime: string;
}

/** The certificates of an identity. */
export interface ZtunnelCertificates {
  readonly identity: string;
  readonly state: string;
  readonly certChain: readonly ZtunnelCertificate[] | null;
  readonly rootCerts: readonly ZtunnelCertificate[] | null;
}

/** A connection; which address is whose depends on its direction. */
export interface ZtunnelConnection {
  readonly src: string;
  readonly originalDst: string;
  readonly actualDst: string;
  readonly protocol: string;
}

/** A pod that the ztunnel takes care of. */
export interface ZtunnelPod {
  readonly connections: {
    readonly inbound: readonly ZtunnelConnection[] | null;
    readonly outbound: readonly ZtunnelConnection[] | null;
  };
  readonly info: {
    readonly name: string;
    readonly namespace: string;
    readonly trustDomain: string;
    readonly serviceAccount: string;
  };
}

/** The state of a ztunnel as istioctl reads a dump (configdump/api.go): the fields that it knows, in its order, each list or null. */
export interface ZtunnelState {
  readonly workloads: readonly ZtunnelWorkload[] | null;
  readonly services: readonly ZtunnelService[] | null;
  readonly policies: readonly ZtunnelPolicy[] | null;
  readonly certificates: readonly ZtunnelCertificates[] | null;
  readonly pods: readonly ZtunnelPod[];
}

/** Reads the JSON of a dump. What is missing is empty, as in Go; fields that istioctl does not know are left out. */
export function readZtunnelState(dump: unknown): ZtunnelState {
  const fields = fieldsOf(dump);
  return {
    workloads: listOrMap(fields.workloads, workload),
    services: listOrMap(fields.services, service),
    policies: listOrMap(fields.policies, policy),
    certificates: listOrMap(fields.certificates, certificates),
    pods: (listOrMap(fields.workloadState ?? fields.workloadstate, pod) ?? []).sort(
      (a, b) => compareText(a.info.namespace, b.info.namespace) || compareText(a.info.name, b.info.name),
    ),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Go's omitempty. */
function optional<T>(value: T): T | undefined {
  const isEmpty =
    value === '' || value === 0 || value === false || value === null || (Array.isArray(value) && value.length === 0);
  return isEmpty ? undefined : value;
}

function list<T>(value: unknown, read: (item: unknown) => T): T[] | null {
  return Array.isArray(value) ? value.map((item: unknown) => read(item)) : null;
}

/** Older ztunnels have maps where the present ones have lists. */
function listOrMap<T>(value: unknown, read: (item: unknown) => T): T[] | null {
  return list(isObject(value) && !Array.isArray(value) ? Object.values(value) : value, read);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** A map, whose keys Go sorts. */
function map<T>(value: unknown, read: (item: unknown) => T): Readonly<Record<string, T>> | null {
  if (!isObject(value)) return null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, item]) => [key, read(item)]),
  );
}

function gateway(value: unknown): { readonly destination: string } | undefined {
  return isObject(value) ? { destination: text(value.destination) } : undefined;
}

function workload(value: unknown): ZtunnelWorkload & Fields {
  const fields = fieldsOf(value);
  const { locality, applicationTunnel } = fields;
  const place = fieldsOf(locality);
  const tunnel = fieldsOf(applicationTunnel);
  return {
    uid: text(fields.uid),
    workloadIps: list(fields.workloadIps, text),
    waypoint: gateway(fields.waypoint),
    networkGateway: gateway(fields.networkGateway),
    protocol: text(fields.protocol),
    name: text(fields.name),
    namespace: text(fields.namespace),
    serviceAccount: text(fields.serviceAccount),
    workloadName: text(fields.workloadName),
    workloadType: text(fields.workloadType),
    canonicalName: text(fields.canonicalName),
    canonicalRevision: text(fields.canonicalRevision),
    clusterId: text(fields.clusterId),
    trustDomain: optional(text(fields.trustDomain)),
    locality: compact({
      region: optional(text(place.region)),
      zone: optional(text(place.zone)),
      subzone: optional(text(place.subzone)),
    }),
    node: text(fields.node),
    network: optional(text(fields.network)),
    status: text(fields.status),
    hostname: text(fields.hostname),
    capacity: numberOf(fields.capacity),
    applicationTunnel: compact({
      protocol: text(tunnel.protocol),
      port: typeof tunnel.port === 'number' ? tunnel.port : undefined,
    }),
    authorizationPolicies: optional(list(fields.authorizationPolicies, text)),
  };
}

function service(value: unknown): ZtunnelService & Fields {
  const fields = fieldsOf(value);
  const balancer = isObject(fields.loadBalancer) ? fields.loadBalancer : undefined;
  return {
    name: text(fields.name),
    namespace: text(fields.namespace),
    hostname: text(fields.hostname),
    vips: list(fields.vips, text),
    cidrVips: optional(list(fields.cidrVips, range)),
    ports: map(fields.ports, numberOf),
    loadBalancer: balancer && {
      mode: text(balancer.mode),
      routingPreferences: list(balancer.routingPreferences, text),
      healthPolicy: text(balancer.healthPolicy),
    },
    waypoint: gateway(fields.waypoint),
    endpoints: map(fields.endpoints, endpoint),
    subjectAltNames: optional(list(fields.subjectAltNames, text)),
    ipFamilies: text(fields.ipFamilies),
    canonical: optional(fields.canonical === true),
  };
}

/** A range of addresses, which istioctl writes as one text. As CIDRVIP.MarshalJSON. */
function range(value: unknown): string {
  return isObject(value) ? `${text(value.network)}/${text(value.cidr)}` : text(value);
}

function endpoint(value: unknown): ({ readonly workloadUid: string } & Fields) | null {
  if (!isObject(value)) return null;
  return {
    workloadUid: text(value.workloadUid),
    service: text(value.service),
    address: optional(text(value.address)),
    port: map(value.port, numberOf),
  };
}

function policy(value: unknown): ZtunnelPolicy & Fields {
  const fields = fieldsOf(value);
  return {
    name: text(fields.name),
    namespace: text(fields.namespace),
    scope: text(fields.scope),
    action: text(fields.action),
    rules: list(fields.rules, (rules) => list(rules, (matches) => list(matches, match))),
  };
}

function match(value: unknown): Fields | null {
  if (!isObject(value)) return null;
  const texts = (name: string): unknown => optional(list(own(value, name), textMatch));
  const plain = (name: string): unknown => optional(list(own(value, name), (item) => item));
  const accounts = (name: string): unknown => optional(list(own(value, name), account));
  return {
    namespaces: texts('namespaces'),
    notNamespaces: texts('notNamespaces'),
    principals: texts('principals'),
    notPrincipals: texts('notPrincipals'),
    sourceIps: plain('sourceIps'),
    notSourceIps: plain('notSourceIps'),
    destinationIps: plain('destinationIps'),
    notDestinationIps: plain('notDestinationIps'),
    destinationPorts: plain('destinationPorts'),
    notDestinationPorts: plain('notDestinationPorts'),
    serviceAccounts: accounts('serviceAccounts'),
    notServiceAccounts: accounts('notServiceAccounts'),
  };
}

function textMatch(value: unknown): Fields {
  const { Exact, Suffix, Prefix, Presence } = fieldsOf(value);
  return {
    Exact: optional(text(Exact)),
    Suffix: optional(text(Suffix)),
    Prefix: optional(text(Prefix)),
    Presence: Presence ?? undefined,
  };
}

function account(value: unknown): Fields {
  const { namespace, serviceAccount } = fieldsOf(value);
  return { namespace: text(namespace), serviceAccount: text(serviceAccount) };
}

function certificates(value: unknown): ZtunnelCertificates {
  const { identity, state, certChain, rootCerts } = fieldsOf(value);
  return {
    identity: text(identity),
    state: text(state),
    certChain: list(certChain, certificate),
    rootCerts: list(rootCerts, certificate),
  };
}

function certificate(value: unknown): ZtunnelCertificate {
  const { pem, serialNumber, validFrom, expirationTime } = fieldsOf(value);
  return {
    pem: text(pem),
    serialNumber: text(serialNumber),
    validFrom: text(validFrom),
    expirationTime: text(expirationTime),
  };
}

function pod(value: unknown): ZtunnelPod & Fields {
  const { state, connections, info } = fieldsOf(value);
  const { inbound, outbound } = fieldsOf(connections);
  const about = fieldsOf(info);
  return {
    state: optional(text(state)),
    connections: { inbound: list(inbound, connection), outbound: list(outbound, connection) },
    info: {
      name: text(about.name),
      namespace: text(about.namespace),
      trustDomain: text(about.trustDomain),
      serviceAccount: text(about.serviceAccount),
    },
  };
}

function connection(value: unknown): ZtunnelConnection {
  const { src, originalDst, actualDst, protocol } = fieldsOf(value);
  return { src: text(src), originalDst: text(originalDst), actualDst: text(actualDst), protocol: text(protocol) };
}
